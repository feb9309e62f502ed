//! Builds the stock plugins. A new one is one line here, and one in the list of build dependencies.

use ruled_builder::Guest;

fn main() {
    ruled_builder::embed(&[
        Guest { package: "http-probe", folder: "plugins/http", describe: http_probe::describe },
        Guest { package: "ssh-probe", folder: "plugins/ssh", describe: ssh_probe::describe },
    ]);
}
