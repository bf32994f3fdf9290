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
    ] {
        let error = check(text).unwrap_err();
        assert!(error.contains(says), "{error}\nshould say: {says}");
    }
}
