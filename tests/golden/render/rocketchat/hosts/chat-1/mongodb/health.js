// Written by chatops. Whether this server takes our login, and can be written to.
const url = "mongodb://127.0.0.1:27017/admin?directConnection=true&serverSelectionTimeoutMS=4000";
const admin = connect(url);
admin.auth(process.env.MONGO_INITDB_ROOT_USERNAME, process.env.MONGO_INITDB_ROOT_PASSWORD);
if (!admin.hello().isWritablePrimary) {
  throw new Error("not a primary that can be written to");
}
