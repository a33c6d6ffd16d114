PRAGMA application_id = 1416586099;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE agenda (
    name TEXT, partition INTEGER, key TEXT, due_ms INTEGER NOT NULL, value BLOB NOT NULL,
    PRIMARY KEY (name, partition, key)
) WITHOUT ROWID;
INSERT INTO "agenda" VALUES('polls',2,'feed',42,X'');
CREATE TABLE ends (
    topic INTEGER, partition INTEGER, end INTEGER NOT NULL, newest_ms INTEGER NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
) WITHOUT ROWID;
INSERT INTO "ends" VALUES(4,1,1,1767225600000,9);
INSERT INTO "ends" VALUES(7,2,1,1767225600000,12);
CREATE TABLE latest (
    topic INTEGER, partition INTEGER, key TEXT, record INTEGER NOT NULL, PRIMARY KEY (topic, partition, key)
) WITHOUT ROWID;
INSERT INTO "latest" VALUES(4,1,'feed',144123984168878080);
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "meta" VALUES('partitions','4');
CREATE TABLE offsets (
    consumers TEXT, topic INTEGER, partition INTEGER, next INTEGER NOT NULL, PRIMARY KEY (consumers, topic, partition)
) WITHOUT ROWID;
INSERT INTO "offsets" VALUES('detect',7,2,1);
CREATE TABLE records (
    id INTEGER PRIMARY KEY, timestamp_ms INTEGER NOT NULL, key TEXT NOT NULL, value BLOB, headers BLOB
);
INSERT INTO "records" VALUES(144123984168878080,1767225600000,'feed',X'7374617465',NULL);
INSERT INTO "records" VALUES(252219171318792192,1767225600000,'ar1-golden',X'7B7D',X'9192A168C40131');
CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO "topics" VALUES(1,'feeds');
INSERT INTO "topics" VALUES(2,'subscriptions');
INSERT INTO "topics" VALUES(3,'rulesets');
INSERT INTO "topics" VALUES(4,'checkpoints');
INSERT INTO "topics" VALUES(5,'entries');
INSERT INTO "topics" VALUES(6,'outcomes');
INSERT INTO "topics" VALUES(7,'articles');
INSERT INTO "topics" VALUES(8,'detections');
INSERT INTO "topics" VALUES(9,'alerts');
INSERT INTO "topics" VALUES(10,'deliveries');
INSERT INTO "topics" VALUES(11,'attempts');
INSERT INTO "topics" VALUES(12,'dead-letters');
INSERT INTO "topics" VALUES(13,'detect-memory');
INSERT INTO "topics" VALUES(14,'correlate-memory');
INSERT INTO "topics" VALUES(15,'route-memory');
CREATE INDEX agenda_due ON agenda (name, partition, due_ms, key);
COMMIT;
