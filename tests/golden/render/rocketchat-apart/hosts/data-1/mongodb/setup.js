// Written by chatops. Makes the replica set and the role of the chat, and gives them the
// passwords that the environment holds. Can be run at any time; the last line is `changed` or
// `same`.
const member = "10.0.0.12:27017";
const name = "rocketchat";
const url = "mongodb://127.0.0.1:27017/admin?directConnection=true&serverSelectionTimeoutMS=4000";
const env = process.env;
const root = [env.MONGO_INITDB_ROOT_USERNAME, env.MONGO_INITDB_ROOT_PASSWORD];
let said = "same";

function enters(database, user, password) {
  try {
    connect(url).getSiblingDB(database).auth(user, password);
    return true;
  } catch (error) {
    return false;
  }
}

function administrator() {
  const admin = connect(url);
  if (enters("admin", ...root)) {
    admin.auth(...root);
    return admin;
  }
  // The password has been changed in the vault: who holds the key file of the replica set may
  // enter as the server itself.
  const key = require("fs").readFileSync("/chatops/keyfile", "utf8").replace(/\s/g, "");
  admin.getSiblingDB("local").auth("__system", key);
  admin.changeUserPassword(...root);
  said = "changed";
  return admin;
}

function replicaSet(admin) {
  let config;
  try {
    config = admin.runCommand({ replSetGetConfig: 1 }).config;
  } catch (error) {
    if (error.codeName !== "NotYetInitialized") {
      throw error;
    }
    admin.runCommand({ replSetInitiate: { _id: "rs0", members: [{ _id: 0, host: member }] } });
    said = "changed";
    return;
  }
  if (config.members.length === 1 && config.members[0].host !== member) {
    config.members[0].host = member;
    config.version += 1;
    admin.runCommand({ replSetReconfig: config, force: true });
    said = "changed";
  }
}

function role(admin) {
  if (!admin.hello().isWritablePrimary) {
    throw new Error("not yet a primary that can be written to");
  }
  const chat = admin.getSiblingDB(name);
  if (!chat.getUser(name)) {
    const roles = [
      { role: "readWrite", db: name },
      { role: "read", db: "local" },
      { role: "clusterMonitor", db: "admin" },
    ];
    chat.createUser({ user: name, pwd: env.DATABASE_PASSWORD, roles });
    said = "changed";
  } else if (!enters(name, name, env.DATABASE_PASSWORD)) {
    chat.changeUserPassword(name, env.DATABASE_PASSWORD);
    said = "changed";
  }
}

// At its very first start the image runs a server of its own for a while, without a replica set:
// all of it is tried again until the real one answers, here for a short while, then by the run.
for (let attempt = 1; ; attempt++) {
  try {
    const admin = administrator();
    replicaSet(admin);
    role(admin);
    break;
  } catch (error) {
    if (attempt === 5) {
      throw error;
    }
    sleep(2000);
  }
}
print(said);
