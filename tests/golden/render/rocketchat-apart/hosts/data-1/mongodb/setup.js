// Written by chatops. Makes the replica set and the role of the chat, and gives them the
// passwords that the environment holds. Can be run at any time; the last line is `changed` or `same`.
const member = "10.0.0.12:27017";
const name = "rocketchat";
const url = "mongodb://127.0.0.1:27017/admin?directConnection=true&serverSelectionTimeoutMS=4000";
const env = process.env;
let said = "same";

function wait(what, attempt) {
  for (let i = 0; ; i++) {
    try {
      return attempt();
    } catch (error) {
      if (i >= 60) {
        throw new Error(what + ": " + error.message);
      }
      sleep(1000);
    }
  }
}

const admin = wait("no answer", () => {
  const found = connect(url);
  found.runCommand({ ping: 1 });
  return found;
});
try {
  admin.auth(env.MONGO_INITDB_ROOT_USERNAME, env.MONGO_INITDB_ROOT_PASSWORD);
} catch (error) {
  // The administrator's password has been changed in the vault: who holds the key file of the
  // replica set may enter as the server itself.
  const key = require("fs").readFileSync("/chatops/keyfile", "utf8").replace(/\s/g, "");
  admin.getSiblingDB("local").auth("__system", key);
  admin.changeUserPassword(env.MONGO_INITDB_ROOT_USERNAME, env.MONGO_INITDB_ROOT_PASSWORD);
  said = "changed";
}

let config;
try {
  config = admin.runCommand({ replSetGetConfig: 1 }).config;
} catch (error) {
  if (error.codeName !== "NotYetInitialized") {
    throw error;
  }
}
if (!config) {
  admin.runCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: member }] } });
  said = "changed";
} else if (config.members.length === 1 && config.members[0].host !== member) {
  config.members[0].host = member;
  config.version += 1;
  admin.runCommand({ replSetReconfig: config, force: true });
  said = "changed";
}
wait("no primary", () => {
  if (!admin.hello().isWritablePrimary) {
    throw new Error("not a primary that can be written to");
  }
});

const chat = admin.getSiblingDB(name);
const roles = [
  { role: "readWrite", db: name },
  { role: "read", db: "local" },
  { role: "clusterMonitor", db: "admin" },
];
if (!chat.getUser(name)) {
  chat.createUser({ user: name, pwd: env.DATABASE_PASSWORD, roles });
  said = "changed";
} else {
  let enters = true;
  try {
    connect(url).getSiblingDB(name).auth(name, env.DATABASE_PASSWORD);
  } catch (error) {
    enters = false;
  }
  if (!enters) {
    chat.changeUserPassword(name, env.DATABASE_PASSWORD);
    said = "changed";
  }
}
print(said);
