//! Lists more targets than anybody reads.
#![no_std]

use ainfera_policy::{Listing, String, Vec};
use hostile::honest;

hostile::resolver!(
    Vec::new(),
    {
        let targets = (0..500_u32).map(|number| {
            let mut name = String::from("target-");
            for digit in [number / 100, number / 10 % 10, number % 10] {
                name.push(char::from(b'0' + digit as u8));
            }
            name
        });
        Listing {
            targets: targets.collect(),
            aliases: Vec::new(),
        }
    },
    |model, _today| honest::target(model)
);
