#![allow(clippy::unwrap_used)]

use super::*;

#[test]
fn the_default_catalog_is_valid_and_its_venues_are_dark() {
    let catalog = Catalog::new(1, CatalogFile::from_toml(DEFAULT).unwrap()).unwrap();
    for offer in &catalog.offers {
        assert_eq!(
            offer.active,
            offer.venue.protocol == Protocol::Simulated,
            "{}",
            offer.id
        );
    }
    assert!(catalog.names("sim-small") && catalog.names("sim-small@simulated"));
    assert!(!catalog.names("ainfera-inference"));
}

#[test]
fn contradictions_are_named() {
    let base =
        "[providers.p]\nprotocol = \"simulated\"\n[[models]]\nslug = \"m\"\nq_prior = \"0.5\"\n";
    let offer = "[[offers]]\nmodel = \"m\"\nprovider = \"p\"\nupstream_model = \"u\"\ninput_usd_per_mtok = \"1\"\noutput_usd_per_mtok = \"1\"\ncontext_tokens = 10\nmax_output_tokens = 10\ndefault_output_tokens = 10\n";
    let check = |text: String| {
        CatalogFile::from_toml(&text)
            .and_then(|file| Catalog::new(1, file))
            .map(|_| ())
            .map_err(|e| e.to_string())
    };
    assert_eq!(check(format!("{base}{offer}")), Ok(()));
    for (text, says) in [
        (
            format!("{base}{offer}{offer}"),
            "offer `m@p`: is there twice",
        ),
        (format!("{base}{base}"), "not valid"),
        (base.replace("0.5", "1.5"), "qualities in [0, 1]"),
        (
            base.replace("slug = \"m\"", "slug = \"m@x\""),
            "without white space",
        ),
        (
            base.replace("slug = \"m\"", "slug = 'm\"x'"),
            "without white space",
        ),
        (
            base.replace("[providers.p]", "[providers.'p\\']"),
            "without white space",
        ),
        (
            format!("{base}{}", offer.replace("\"m\"", "\"n\"")),
            "not in [[models]]",
        ),
        (
            format!("{base}{}", offer.replace("\"p\"", "\"q\"")),
            "not in [providers]",
        ),
        (
            format!(
                "{base}{}",
                offer.replace("input_usd_per_mtok = \"1\"", "input_usd_per_mtok = \"-1\"")
            ),
            "needs prices",
        ),
        (
            format!(
                "{base}{}",
                offer.replace("default_output_tokens = 10", "default_output_tokens = 11")
            ),
            "default_output_tokens ≤",
        ),
        (format!("{base}unknown = 1"), "unknown field"),
        (base.replace("simulated", "anthropic"), "needs a base_url"),
        (
            base.replace(
                "\"simulated\"\n",
                "\"simulated\"\nkey_env = \"AINFERA_ADMIN_TOKEN\"\n",
            ),
            "key_env of the gateway's own",
        ),
    ] {
        let error = check(text).unwrap_err();
        assert!(error.contains(says), "{error}\nshould say: {says}");
    }
}

#[test]
fn a_catalog_is_read_as_toml_or_as_the_json_that_it_is_stored_as() {
    let file = CatalogFile::read(DEFAULT).unwrap();
    let json = serde_json::to_string(&file).unwrap();
    let again = CatalogFile::read(&format!("\n {json}")).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), json);
    // A float is no price: it would not be the one that was written.
    let float = json.replacen("\"q_prior\":\"", "\"q_prior\":0", 1);
    assert_ne!(float, json);
    assert!(CatalogFile::read(&float).is_err());
    assert!(CatalogFile::read(r#"{"providers": {}, "offer": []}"#).is_err());
}
