//! `ainfera audit key`.

use super::WhereArgs;
use crate::audit::key::{path, public, read};
use crate::cli::failure::Failure;
use crate::cli::show::say;

pub(super) fn run(args: &WhereArgs) -> Result<(), Failure> {
    let config = args.config()?;
    let key = read(&config.data_dir)
        .map_err(Failure::unusable)?
        .ok_or_else(|| {
            Failure::unusable(format!(
                "{} is missing: the gateway makes it at its first start; name its directory with --data-dir",
                path(&config.data_dir).display()
            ))
        })?;
    let pem = public(&key).to_pem().map_err(Failure::unusable)?;
    say!("{}", pem.trim_end());
    Ok(())
}
