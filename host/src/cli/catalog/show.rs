//! `ainfera catalog show`.

use serde::Deserialize;
use serde_json::Value;

use super::{WithoutKey, say_without_key};
use crate::catalog::CatalogFile;
use crate::cli::api::{ApiArgs, part};
use crate::cli::failure::Failure;
use crate::cli::show::{self, plain, say};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ShowArgs {
    /// The number of a version [default: the newest one]
    #[arg(long, value_name = "N")]
    version: Option<i64>,
    /// Print JSON: the version and what is known of it
    #[arg(long, conflicts_with = "file")]
    json: bool,
    /// Print the catalog alone, as JSON that `import` and `smoke` take
    #[arg(long)]
    file: bool,
    #[command(flatten)]
    api: ApiArgs,
}

#[derive(Deserialize)]
struct Version {
    version: i64,
    in_force: i64,
    actor: String,
    without_key: Vec<WithoutKey>,
    catalog: CatalogFile,
}

pub(super) async fn run(args: &ShowArgs) -> Result<(), Failure> {
    let path = match args.version {
        None => "catalog".to_owned(),
        Some(version) => format!("catalog?version={version}"),
    };
    let answer = args.api.connect()?.get(&path).await?;
    if args.json {
        return show::json(&answer);
    }
    if args.file {
        return show::json(&part::<Value>(&answer, "catalog")?);
    }
    let Version {
        version,
        in_force,
        actor,
        without_key,
        catalog,
    } = Version::deserialize(&answer)?;
    say!("catalog version {version}, by {}", plain(&actor));
    if in_force != version {
        say!("calls are decided by version {in_force}");
    }
    for offer in &catalog.offers {
        let model = catalog.models.iter().find(|m| m.slug == offer.model);
        let quality = model.map(|model| model.q_empirical.unwrap_or(model.q_prior));
        say!(
            "{:<6}  {:<48} quality {:<5} ${} in, ${} out",
            if offer.active { "active" } else { "dark" },
            plain(&offer.id()),
            quality
                .map(|quality| quality.to_string())
                .unwrap_or_default(),
            offer.input_usd_per_mtok,
            offer.output_usd_per_mtok
        );
    }
    say_without_key(&without_key);
    Ok(())
}
