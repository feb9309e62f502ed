//! What is loaded as a component, and what is refused.

use ruled::plugin::{Plugins, Stock, describe};

use super::{faulted, peer, probe};

/// The stock plugin for SSH with other code in it.
fn altered(alter: impl FnOnce(&mut Vec<u8>)) -> &'static Stock {
    let stock = ruled_embedded::STOCK.iter().find(|stock| stock.name == "ssh").expect("a stock plugin");
    let mut code = stock.precompiled.to_vec();
    alter(&mut code);
    // Components live as long as the program.
    Box::leak(Box::new(Stock {
        name: stock.name,
        precompiled: code.leak(),
        precompiled_sha256: stock.precompiled_sha256,
        wasm_bytes: stock.wasm_bytes,
        description: stock.description.clone(),
    }))
}

#[test]
fn one_flipped_bit_of_the_code_is_refused() {
    let length = altered(|_| {}).precompiled.len();
    for place in [0, length / 3, length / 2, length - 1] {
        let stock = altered(|code| code[place] ^= 1);
        let sentence = faulted(&Plugins::with([stock]), probe("ssh", peer::silent()));
        assert_eq!(sentence, "the ssh plugin cannot be loaded: its code is not what was built");
        assert_eq!(describe(stock), Err(sentence));
    }
}

#[test]
fn code_that_is_cut_or_is_none_is_refused() {
    for stock in [altered(|code| code.truncate(1_000)), altered(Vec::clear), altered(|code| code.push(0))] {
        let sentence = faulted(&Plugins::with([stock]), probe("ssh", peer::silent()));
        assert_eq!(sentence, "the ssh plugin cannot be loaded: its code is not what was built");
    }
}
