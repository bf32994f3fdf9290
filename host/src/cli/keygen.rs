//! `ainfera keygen`: a founder's key, which never leaves the founder.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::show::say;
use crate::lifecycle::keys::{self, FounderKey};

#[derive(Debug, clap::Args)]
pub(super) struct KeygenArgs {
    /// File for the private key; the public one goes beside it, as PATH.pub
    #[arg(long, value_name = "PATH", default_value = "founder.pem")]
    out: PathBuf,
}

pub(super) fn run(args: &KeygenArgs) -> Result<(), Failure> {
    let mut public_path = args.out.clone().into_os_string();
    public_path.push(".pub");
    let public_path = PathBuf::from(public_path);
    // Neither is written where the other would have to be replaced.
    for path in [&args.out, &public_path] {
        if path.exists() {
            return Err(Failure::refused(format!(
                "{} exists; a key is never overwritten: give another --out",
                path.display()
            )));
        }
    }
    let (key, private_pem) = keys::generate().map_err(Failure::unusable)?;
    let key = key.verifying_key();
    let founder = FounderKey {
        id: keys::id(&key),
        key,
        revoked: false,
    };
    let public_pem = founder.to_pem().map_err(Failure::unusable)?;
    write(&args.out, &private_pem, 0o600).map_err(|error| Failure::file(&args.out, &error))?;
    write(&public_path, &public_pem, 0o644).map_err(|error| Failure::file(&public_path, &error))?;
    say!(
        "private key  {}  (keep it; the gateway never sees it)",
        args.out.display()
    );
    say!("public key   {}", public_path.display());
    say!("key id       {}", founder.id);
    say!(
        "enrol it with: ainfera founder enrol --key {}",
        public_path.display()
    );
    Ok(())
}

fn write(path: &Path, pem: &str, mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path)?;
    file.write_all(pem.as_bytes())?;
    file.sync_all()
}
