//! Builds the hostile guests the way the stock plugins are built.

use ruled_builder::Guest;

fn main() {
    ruled_builder::embed(&[Guest {
        package: "hostile-probe",
        folder: "tests/hostile",
        describe: hostile_probe::describe,
    }]);
}
