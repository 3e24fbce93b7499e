// Sets up a small company with Rocket.Chat's own client and prints what it was told, as JSON.
// Arguments: the address, the administrator's name and password.
"use strict";

const { createHash } = require("node:crypto");

// Node has no such global before version 20, and the client looks for it in all that it sends.
globalThis.File ??= require("node:buffer").File;

const { RestClient } = require("@rocket.chat/api-client");

const [url, name, password] = process.argv.slice(2);

async function connect(user, secret) {
  const client = new RestClient({ baseUrl: url });
  const { status, data } = await client.post("/v1/login", { user, password: secret });
  client.setCredentials({ "X-User-Id": data.userId, "X-Auth-Token": data.authToken });
  return { client, status, me: data.me };
}

// The client hands on the response that was refused.
async function refused(promise) {
  try {
    await promise;
  } catch (response) {
    if (!(response instanceof Response)) throw response;
    const body = await response.json();
    return [response.status, body.errorType ?? body.error];
  }
  return "not refused";
}

async function main() {
  const told = {};
  told.wrong_password = await refused(connect(name, "no-such-password"));
  told.stranger = await refused(new RestClient({ baseUrl: url }).get("/v1/me"));
  const { client: admin, status, me } = await connect(name, password);
  told.me = { status, same: (await admin.get("/v1/me"))._id === me._id, roles: me.roles };
  told.version = (await admin.get("/info")).version;

  // People.
  const person = async (username, name) =>
    (await admin.post("/v1/users.create", {
      username, name, email: `${username}@acme.example`, password: "Sup3r-secret!pw", verified: false,
    })).user;
  const ann = await person("ann", "Ann Holm");
  const bo = await person("bo", "Bo Lund");
  const eva = await person("eva", "Eva Bak");
  told.double = await refused(person("ann", "Ann Again"));
  await admin.post("/v1/users.setActiveStatus", { userId: eva._id, activeStatus: false, confirmRelinquish: false });
  const users = await admin.get("/v1/users.list", { count: 100, sort: JSON.stringify({ username: 1 }) });
  told.people = users.users.filter((user) => user.type === "user").map((user) => [user.username, user.name, user.active]);
  told.one_to_a_page = (await admin.get("/v1/users.list", { count: 1, offset: 1 })).users.length;
  told.nobody = await refused(admin.get("/v1/users.info", { username: "nobody" }));

  // A call that wants the second factor: first without one, then as the client does it.
  const rename = () => admin.post("/v1/users.update", { userId: ann._id, data: { name: "Ann Holm-Lund" } });
  told.factor_missing = await refused(rename());
  const asked = [];
  admin.handleTwoFactorChallenge(async ({ method, invalidAttempt }) => {
    asked.push([method, invalidAttempt]);
    return createHash("sha256").update(password).digest("hex");
  });
  told.renamed = (await rename()).user.name;
  await admin.post("/v1/settings/Site_Name", { value: "Acme" });
  told.site = (await admin.get("/v1/settings/Site_Name")).value;
  told.asked = asked;

  // Rooms, what they are for, who is in them.
  const { channel: deploys } = await admin.post("/v1/channels.create", { name: "deploys", members: ["ann"] });
  await admin.post("/v1/channels.setTopic", { roomId: deploys._id, topic: "On call: Ann" });
  await admin.post("/v1/channels.setDescription", { roomId: deploys._id, description: "Every deployment" });
  const { group: secret } = await admin.post("/v1/groups.create", { name: "secret", members: [] });
  await admin.post("/v1/groups.invite", { roomId: secret._id, userId: bo._id });
  const { channel: old } = await admin.post("/v1/channels.create", { name: "old" });
  await admin.post("/v1/channels.archive", { roomId: old._id });
  told.room_double = await refused(admin.post("/v1/channels.create", { name: "deploys" }));
  const { channels } = await admin.get("/v1/channels.list", { count: 100 });
  told.channels = channels.map((room) => [room.name, room.topic ?? "", room.description ?? "", room.archived ?? false]).sort();
  const { groups } = await admin.get("/v1/groups.listAll", { count: 100 });
  told.groups = groups.map((room) => room.name);
  const { members } = await admin.get("/v1/groups.members", { roomId: secret._id });
  told.members = members.map((user) => user.username).sort();

  // A team and its rooms.
  const { team } = await admin.post("/v1/teams.create", { name: "eng", type: 0 });
  await admin.post("/v1/teams.addMembers", { teamId: team._id, members: [{ userId: ann._id, roles: ["member"] }] });
  await admin.post("/v1/teams.addRooms", { teamId: team._id, rooms: [deploys._id] });
  told.teams = (await admin.get("/v1/teams.list")).teams.map((each) => each.name);
  const in_team = await admin.get("/v1/teams.members", { teamId: team._id });
  told.team_members = in_team.members.map((each) => each.user.username).sort();
  told.team_rooms = (await admin.get("/v1/teams.listRooms", { teamId: team._id })).rooms.map((room) => room.name);

  // What is said.
  await admin.post("/v1/chat.postMessage", { channel: "#deploys", text: "2026.11 is out 🚀" });
  const { messages } = await admin.get("/v1/channels.history", { roomId: deploys._id });
  told.said = messages.filter((message) => !message.t).map((message) => message.msg);

  // Another person sees less.
  const { client: other } = await connect("bo", "Sup3r-secret!pw");
  told.bo = {
    groups: (await other.get("/v1/groups.list")).groups.map((room) => room.name),
    create: await refused(other.post("/v1/users.create", {
      username: "x1", name: "X", email: "x1@acme.example", password: "Sup3r-secret!pw",
    })),
  };
  // Answered by nothing at all, which `post` could not read.
  await other.send("/v1/logout", "POST");
  told.after_logout = await refused(other.get("/v1/me"));
  return told;
}

main().then(
  (told) => console.log(JSON.stringify(told)),
  async (error) => {
    console.error(error instanceof Response ? `${error.status} ${error.url} ${await error.text()}` : error);
    process.exitCode = 1;
  },
);
