// Sets up a small company with Mattermost's own client and prints what it was told, as JSON.
// Arguments: the address, the administrator's name and password.
"use strict";

const { Client4, ClientError } = require("@mattermost/client");

const [url, name, password] = process.argv.slice(2);

function connect() {
  const client = new Client4();
  client.setUrl(url);
  return client;
}

// What the client makes of a refusal.
async function refused(promise) {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ClientError) return [error.status_code, error.server_error_id];
    throw error;
  }
  return "not refused";
}

async function main() {
  const told = {};
  const admin = connect();
  told.wrong_password = await refused(admin.login(name, "no-such-password"));
  told.stranger = await refused(admin.getMe());
  const me = await admin.login(name, password);
  told.me = { same: (await admin.getMe()).id === me.id, roles: me.roles };
  told.server = admin.getServerVersion();
  told.ping = (await admin.ping(true)).status;
  const settings = await admin.getClientConfig();
  told.config = { version: settings.Version, site: settings.SiteName };
  told.licensed = (await admin.getClientLicenseOld()).IsLicensed;
  told.limit = (await admin.getServerLimits()).data.maxUsersLimit;

  // People.
  const person = (username, first_name, last_name, email = `${username}@acme.example`) =>
    admin.createUser({ username, first_name, last_name, email, password: "Sup3r-secret!pw" }, "", "", "");
  const ann = await person("ann", "Ann", "Holm");
  const bo = await person("bo", "Bo", "Lund");
  const eva = await person("eva", "Eva", "Bak");
  const who = (id) => [me, ann, bo, eva].find((user) => user.id === id)?.username;
  told.double = await refused(person("ann", "Ann", "Again", "again@acme.example"));
  await admin.patchUser({ id: ann.id, position: "Head of Operations" });
  await admin.updateUserRoles(ann.id, "system_user system_admin");
  await admin.updateUserActive(eva.id, false);
  const profiles = await admin.getProfiles(0, 60);
  told.people = profiles
    .map((user) => [user.username, user.position, user.roles, user.delete_at === 0])
    .sort();
  told.two_to_a_page = (await admin.getProfiles(1, 2)).length;
  told.searched = (await admin.searchUsers("hol", {})).map((user) => user.username);
  told.nobody = await refused(admin.getUserByUsername("nobody"));

  // A team and its people.
  const team = await admin.createTeam({ name: "eng", display_name: "Engineering", type: "O" });
  await admin.addToTeam(team.id, ann.id);
  const added = await admin.addUsersToTeamGracefully(team.id, [ann.id, bo.id]);
  told.added = added.map((each) => [who(each.user_id), !each.error]).sort();
  told.teams = (await admin.getTeams(0, 60, true)).teams.map((each) => [each.name, each.display_name]);
  told.team = (await admin.getTeamByName("eng")).id === team.id;
  told.my_teams = (await admin.getMyTeams()).map((each) => each.name);
  told.team_members = (await admin.getTeamMembers(team.id)).length;

  // Channels, what they are for, who is in them.
  const channel = (name, type) =>
    admin.createChannel({ team_id: team.id, name, display_name: name.toUpperCase(), type, purpose: "", header: "" });
  const deploys = await channel("deploys", "O");
  const secret = await channel("secret", "P");
  const old = await channel("old", "O");
  await admin.patchChannel(deploys.id, { header: "On call: Ann", purpose: "Every deployment" });
  await admin.addToChannel(ann.id, deploys.id);
  await admin.addToChannels([ann.id, bo.id], secret.id);
  await admin.deleteChannel(old.id);
  told.gone = await refused(admin.getChannelByName(team.id, "old"));
  const shown = (each) => [each.name, each.type, each.header, each.purpose, each.delete_at !== 0];
  told.channels = (await admin.getChannels(team.id, 0, 60)).map(shown).sort();
  told.all_channels = (await admin.getAllChannels(0, 60)).map((each) => each.name).sort();
  await admin.unarchiveChannel(old.id);
  told.back = shown(await admin.getChannelByName(team.id, "old"));
  const members = await admin.getChannelMembers(secret.id, 0, 60);
  told.members = members.map((each) => who(each.user_id)).sort();
  told.member_count = (await admin.getChannelStats(secret.id)).member_count;

  // What is said, by a person and by a program.
  await admin.createPost({ channel_id: deploys.id, message: "2026.11 is out 🚀" });
  const hook = await admin.createIncomingWebhook({ channel_id: deploys.id, display_name: "CI", description: "builds" });
  await fetch(`${url}/hooks/${hook.id}`, { method: "POST", body: JSON.stringify({ text: "green" }) });
  const posts = await admin.getPosts(deploys.id, 0, 60);
  told.said = posts.order.map((id) => posts.posts[id]).filter((post) => !post.type.startsWith("system_"))
    .map((post) => post.message).reverse();

  // Settings.
  await admin.patchConfig({ TeamSettings: { SiteName: "Acme" } });
  told.site = (await admin.getConfig()).TeamSettings.SiteName;
  told.roles = (await admin.getRolesByNames(["system_admin", "team_user"])).map((role) => role.name).sort();

  // Another person sees less.
  const other = connect();
  await other.login("bo", "Sup3r-secret!pw");
  told.bo = {
    channels: (await other.getMyChannels(team.id)).map((each) => each.name).sort(),
    config: await refused(other.getConfig()),
    team: await refused(other.patchTeam({ id: team.id, display_name: "Mine" })),
  };
  await other.logout();
  told.after_logout = await refused(other.getMe());
  return told;
}

main().then(
  (told) => console.log(JSON.stringify(told)),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
