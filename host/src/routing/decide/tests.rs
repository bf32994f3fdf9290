#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;
use crate::catalog::CatalogFile;
use proptest::prelude::*;

fn catalog(offers: &[(&str, &str, &str, bool)]) -> Catalog {
    let mut text = String::from(
        "[providers.p]\nprotocol = \"simulated\"\n[providers.q]\nprotocol = \"simulated\"\n",
    );
    for (slug, quality, _, _) in offers {
        text += &format!("[[models]]\nslug = \"{slug}\"\nq_prior = \"{quality}\"\n");
    }
    for (index, (slug, _, price, tools)) in offers.iter().enumerate() {
        let provider = if index % 2 == 0 { "p" } else { "q" };
        text += &format!(
            "[[offers]]\nmodel = \"{slug}\"\nprovider = \"{provider}\"\nupstream_model = \"{slug}\"\nactive = true\ninput_usd_per_mtok = \"{price}\"\noutput_usd_per_mtok = \"{price}\"\ntools = {tools}\ncontext_tokens = 100000\nmax_output_tokens = 4096\ndefault_output_tokens = 1024\n"
        );
    }
    Catalog::new(1, CatalogFile::from_toml(&text).unwrap()).unwrap()
}

fn ask<'a>(floor: &str, shape: &'a Shape) -> Ask<'a> {
    Ask {
        floor: floor.parse().unwrap(),
        shape,
        max_cost: None,
        allow: None,
        deny: None,
    }
}

fn shape() -> Shape {
    Shape {
        text_bytes: 4_000,
        max_tokens: Some(1_000),
        ..Shape::default()
    }
}

fn ids(choice: &Choice) -> Vec<&str> {
    choice
        .order
        .as_ref()
        .unwrap()
        .iter()
        .map(|c| &*c.offer.id)
        .collect()
}

#[test]
fn the_cheapest_that_clears_the_floor_is_first_and_the_rest_are_fallbacks() {
    let catalog = catalog(&[
        ("a", "0.50", "1", true),
        ("b", "0.60", "3", true),
        ("c", "0.85", "2", true),
    ]);
    let mask = Mask::of(&catalog, |_| true);
    assert_eq!(
        ids(&decide(&catalog, &mask, &ask("0.50", &shape()))),
        ["a@p", "c@p", "b@q"]
    );
    assert_eq!(
        ids(&decide(&catalog, &mask, &ask("0.51", &shape()))),
        ["c@p", "b@q"]
    );
    assert_eq!(
        decide(&catalog, &mask, &ask("0.51", &shape()))
            .candidates
            .len(),
        3
    );
}

#[test]
fn equal_estimates_go_by_quality_then_id() {
    let catalog = catalog(&[
        ("b", "0.50", "1", true),
        ("a", "0.50", "1", true),
        ("c", "0.60", "1", true),
    ]);
    let mask = Mask::of(&catalog, |_| true);
    assert_eq!(
        ids(&decide(&catalog, &mask, &ask("0.50", &shape()))),
        ["c@p", "a@q", "b@p"]
    );
}

#[test]
fn a_rejection_names_the_filter_and_the_nearest_miss() {
    let catalog = catalog(&[("a", "0.50", "1", false), ("b", "0.60", "3", false)]);
    let all = Mask::of(&catalog, |_| true);
    let tools = Shape {
        tools: true,
        ..shape()
    };
    let none: [String; 0] = [];
    let rejected = |mask: &Mask, ask: &Ask<'_>| decide(&catalog, mask, ask).order.unwrap_err();
    assert_eq!(
        rejected(&Mask::of(&catalog, |_| false), &ask("0.5", &shape())).reason,
        RejectReason::NoOffers
    );
    assert_eq!(
        rejected(
            &all,
            &Ask {
                allow: Some(&none),
                ..ask("0.5", &shape())
            }
        )
        .reason,
        RejectReason::Lists
    );
    assert_eq!(
        rejected(&all, &ask("0.5", &tools)).reason,
        RejectReason::Capability
    );
    let floor = rejected(&all, &ask("0.9", &shape()));
    assert_eq!(
        (floor.reason, floor.nearest.unwrap().offer.as_str()),
        (RejectReason::Floor, "b@q")
    );
    let cost = rejected(
        &all,
        &Ask {
            max_cost: Some(NanoUsd(1)),
            ..ask("0.5", &shape())
        },
    );
    assert_eq!(
        (cost.reason, cost.nearest.unwrap().offer.as_str()),
        (RejectReason::Cost, "a@p")
    );
}

#[test]
fn a_call_longer_than_an_offer_can_serve_is_not_sent_there() {
    let catalog = catalog(&[("a", "0.50", "1", true)]);
    let mask = Mask::of(&catalog, |_| true);
    for shape in [
        Shape {
            max_tokens: Some(4_097),
            ..shape()
        },
        Shape {
            text_bytes: 400_000,
            ..shape()
        },
        Shape {
            images: 70,
            ..shape()
        },
    ] {
        assert!(decide(&catalog, &mask, &ask("0.5", &shape)).order.is_err());
    }
}

proptest! {
    #[test]
    fn whatever_is_chosen_clears_floor_and_cap(
        offers in prop::collection::vec((0u8..=100, 0u32..1_000, any::<bool>(), any::<bool>()), 1..70),
        floor in 0u8..=100, cap in prop::option::of(0i64..2_000_000), tools in any::<bool>(),
    ) {
        let named: Vec<(String, String, String, bool)> = offers.iter().enumerate()
            .map(|(i, (q, price, tools, _))| (format!("m{i}"), format!("{}.{:02}", q / 100, q % 100), price.to_string(), *tools)).collect();
        let borrowed: Vec<_> = named.iter().map(|(a, b, c, d)| (a.as_str(), b.as_str(), c.as_str(), *d)).collect();
        let catalog = catalog(&borrowed);
        let active: Vec<bool> = catalog.offers.iter().map(|o| offers[o.model[1..].parse::<usize>().unwrap()].3).collect();
        let mask = Mask::of(&catalog, |offer| offers[offer.model[1..].parse::<usize>().unwrap()].3);
        let shape = Shape { tools, ..shape() };
        let floor: Floor = format!("{}.{:02}", floor / 100, floor % 100).parse().unwrap();
        let ask = Ask { floor, shape: &shape, max_cost: cap.map(NanoUsd), allow: None, deny: None };
        for (i, active) in active.iter().enumerate() {
            prop_assert_eq!(mask.has(i), *active);
        }
        if let Ok(order) = decide(&catalog, &mask, &ask).order {
            prop_assert!(!order.is_empty());
            for pair in order.windows(2) {
                prop_assert!(pair[0].estimate <= pair[1].estimate);
            }
            for c in order {
                prop_assert!(c.offer.quality.get() >= floor.get());
                prop_assert!(cap.is_none_or(|cap| c.estimate.0 <= cap));
                prop_assert!(c.offer.tools || !tools);
            }
        }
    }
}
