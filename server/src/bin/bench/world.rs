//! A database with the demo's organisation in force, and what its pipelines ask.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use server::demo::organisation;
use service::directory::DirectoryFile;
use tokio::process::Command;

use super::error::BenchError;
use super::node::Node;
use super::place::Place;

/// Whom people would sign in with. Nobody does, so it need not exist.
const ISSUER: &str = "https://idp.invalid";

/// A folder that is gone afterwards.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Result<Self, BenchError> {
        let path = std::env::temp_dir().join(format!("spillway-bench-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(BenchError::io("no folder for the files of a measurement"))?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An installation.
#[derive(Debug)]
pub(crate) struct World {
    spillway: PathBuf,
    database: String,
    /// The address of the database for the role that serves.
    serving: String,
    folder: Folder,
    token: String,
}

impl World {
    /// Sets one up as an operator does: migrate, then bootstrap.
    pub(crate) async fn new(place: &Place, name: &str) -> Result<Self, BenchError> {
        let database = format!("bench_{name}");
        place.create(&database).await?;
        let folder = Folder::new(name)?;
        let (policy, directory) = (folder.path().join("policy"), folder.path().join("directory.toml"));
        let unwritten = || BenchError::io("the policy's files cannot be written");
        for (file, text) in organisation::policy() {
            let path = policy.join(file);
            std::fs::create_dir_all(path.parent().unwrap_or(&policy)).map_err(unwritten())?;
            std::fs::write(path, text).map_err(unwritten())?;
        }
        std::fs::write(&directory, include_str!("../../../demo/directory.toml")).map_err(unwritten())?;
        let mut world = Self {
            spillway: program(&folder, &place.spillway)?,
            database: place.database(&database, None),
            serving: place.database(&database, Some("spillway_app")),
            folder,
            token: String::new(),
        };
        let mut migrate = world.command(&["migrate"]);
        finished(migrate.env("DATABASE_URL", &world.database)).await?;
        let mut bootstrap = world.command(&["bootstrap", "--issuer", ISSUER, "--policy"]);
        let said = finished(bootstrap.arg(policy).arg("--directory").arg(directory)).await?;
        world.token = said
            .lines()
            .find_map(|line| line.strip_prefix("SPILLWAY_TOKEN_CI_GATEWAY="))
            .ok_or_else(|| BenchError::Wrong("bootstrap printed no token".to_owned()))?
            .to_owned();
        Ok(world)
    }

    /// `spillway bootstrap` with the policy in force and this directory.
    pub(crate) fn import(&self, directory: &Path) -> Command {
        let mut command = self.command(&["bootstrap", "--issuer", ISSUER, "--policy"]);
        command
            .arg(self.folder.path().join("policy"))
            .arg("--directory")
            .arg(directory);
        command
    }

    /// The directory that it began with.
    pub(crate) fn directory(&self) -> Result<DirectoryFile, BenchError> {
        Ok(organisation::directory(ISSUER)?)
    }

    /// Where files of a measurement go.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The address of the database, for its owner.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// The address of the database, for the role that serves.
    pub(crate) fn serving(&self) -> &str {
        &self.serving
    }

    /// `spillway` with arguments, as the role that serves and out of reach of the caller's settings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.spillway);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SPILLWAY_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .env("DATABASE_URL", &self.serving)
            // It logs what it logs by default.
            .env_remove("RUST_LOG")
            .kill_on_drop(true);
        command
    }

    /// Starts a node, and waits until it serves. Nodes of one world share the ledger's key.
    pub(crate) async fn node(&self, name: &str) -> Result<Node, BenchError> {
        let data = self.folder.path().join(name);
        let (port, config) = (free_port()?, self.folder.path().join(format!("{name}.toml")));
        let text = format!(
            "public_url = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\ndata = {data:?}\n\
             [sign_in]\nissuer = \"{ISSUER}\"\nclient_id = \"bench\"\nroles = {{ all = \"approver\" }}\n\
             [http]\nmachine_rate = {{ burst = 1000000, per_minute = 60000000 }}\n\
             [keys]\nsigning_file = {:?}\n",
            self.folder.path().join("signing.key"),
        );
        let unwritten = || BenchError::io("the configuration cannot be written");
        std::fs::create_dir_all(&data).map_err(unwritten())?;
        std::fs::write(&config, text).map_err(unwritten())?;
        let log = std::fs::File::options()
            .append(true)
            .create(true)
            .open(data.join("log"))
            .map_err(unwritten())?;
        let mut command = self.command(&["serve", "--config"]);
        command
            .arg(config)
            .stdout(std::process::Stdio::null())
            .stderr(log);
        Node::start(command, port, &data.join("log")).await
    }

    /// Reads the whole ledger. Errors unless it is intact.
    pub(crate) async fn verify(&self, node: &str) -> Result<(), BenchError> {
        let mut verify = self.command(&["verify", "--data"]);
        verify
            .arg(self.folder.path().join(node))
            .arg("--key-file")
            .arg(self.folder.path().join("signing.key"));
        finished(&mut verify).await.map(drop)
    }

    /// What the pipelines ask, as whole HTTP requests: every pipeline for every service.
    pub(crate) fn requests(&self) -> Result<Arc<[Vec<u8>]>, BenchError> {
        let directory = organisation::directory(ISSUER)?;
        let services = directory
            .resources
            .iter()
            .filter(|resource| resource.kind == "service");
        let pipelines = || {
            directory
                .principals
                .iter()
                .filter(|principal| principal.id.starts_with("ci/"))
        };
        let requests: Arc<[Vec<u8>]> = services
            .flat_map(|service| pipelines().map(|pipeline| request(&self.token, &pipeline.id, &service.id)))
            .collect();
        match requests.is_empty() {
            true => Err(BenchError::Wrong("nobody is there to ask".to_owned())),
            false => Ok(requests),
        }
    }
}

/// The program with what it wants beside it: it serves no pages without the built site, and nobody asks for a page here.
fn program(folder: &Folder, built: &Path) -> Result<PathBuf, BenchError> {
    let unwritten = || BenchError::io("the program cannot be put beside a site");
    let program = folder.path().join("spillway");
    if std::fs::hard_link(built, &program).is_err() {
        // On another file system.
        std::fs::copy(built, &program).map_err(unwritten())?;
    }
    std::fs::create_dir_all(folder.path().join("site/pkg")).map_err(unwritten())?;
    std::fs::write(folder.path().join("hash.txt"), "").map_err(unwritten())?;
    Ok(program)
}

/// An HTTP request: may this pipeline deploy this service?
pub(crate) fn request(token: &str, pipeline: &str, service: &str) -> Vec<u8> {
    let body = serde_json::json!({
        "subject": { "type": "workload", "id": pipeline },
        "action": { "name": "deploy" },
        "resource": { "type": "service", "id": service },
    })
    .to_string();
    format!(
        "POST /access/v1/evaluation HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Runs a program to its end. Answers what it printed; errors with it where the program failed.
pub(crate) async fn finished(command: &mut Command) -> Result<String, BenchError> {
    let output = command
        .output()
        .await
        .map_err(BenchError::io("SPILLWAY_BIN cannot be run"))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(said);
    }
    Err(BenchError::Program {
        program: format!("{:?}", command.as_std()),
        said: said + &String::from_utf8_lossy(&output.stderr),
    })
}

/// A port that nobody has at the moment.
fn free_port() -> Result<u16, BenchError> {
    let listener =
        std::net::TcpListener::bind(("127.0.0.1", 0)).map_err(BenchError::io("there is no free port"))?;
    let address = listener
        .local_addr()
        .map_err(BenchError::io("there is no free port"))?;
    Ok(address.port())
}
