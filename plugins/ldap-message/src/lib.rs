//! A conversation in LDAP for the stock probes of both versions (version 2: RFC 1777, version 3: RFC 4511): StartTLS where
//! a rule wants it, a bind, a look at one entry where it is named, unbind.
//!
//! What does not live here: logins by SASL, and referrals, which nobody follows.

mod ber;
mod session;

use ruled_plugin::*;

use session::Session;

/// What the pages of both versions say.
const PAGE: &str = "Binds with this version of the protocol: as nobody in particular (anonymous), or with a name and a \
                    password where they are given. Nothing but success passes; any other result is told by its name and in \
                    the words of the server. Then it unbinds.\n\n\
                    Where a rule wants encryption on port 389, it begins by StartTLS; on port 636 it begins at once.\n\n\
                    A bind as nobody may be answered without a look into any database. `base` names an entry that must be \
                    there, which takes the database.";

/// A probe of this name for a version of the protocol, as it describes itself.
pub fn describe(name: &str, summary: &str) -> Describe {
    Describe::new(name, summary)
        .port(389)
        .tls_port(636)
        .start_tls()
        .page(PAGE)
        .option("username", OptionType::Text, "The distinguished name to bind as; without one the bind is anonymous")
        .explained("It needs a password: directories take a name without one for nobody.")
        .option("password", OptionType::Secret, "The password to bind with")
        .option("base", OptionType::Text, "The distinguished name of an entry that must be there")
        .explained(
            "It is looked up after the bind (a search whose scope is this entry); none of its attributes is read.",
        )
}

/// Checks a directory in this version of the protocol.
///
/// # Errors
/// When the connection fails, the peer speaks something else, or the directory says no.
pub fn check(version: u8, conn: &Conn, options: &Options) -> Check {
    let (username, password) = login(options)?;
    let mut session = Session::over(conn);
    if conn.peer().start_tls_wanted {
        session.begin_encryption()?;
    }
    session.bind(version, username, password).map_err(|failure| failure.without(&[password]))?;
    let mut summary = match username {
        "" => "it lets anybody in".to_owned(),
        name => format!("it lets {name} in"),
    };
    if let Some(base) = options.text("base") {
        session.look_up(base).map_err(|failure| failure.without(&[password]))?;
        // The entry without a name is the root, in which a directory tells what it can do.
        summary.push_str(", and shows ");
        summary.push_str(if base.is_empty() { "its root" } else { base });
    }
    session.unbind();
    ok(summary).into()
}

/// Name and password; both are empty for an anonymous bind.
fn login(options: &Options) -> Result<(&str, &str), Failure> {
    let (username, password) =
        (options.text("username").unwrap_or_default(), options.secret("password").unwrap_or_default());
    match (username.is_empty(), password.is_empty()) {
        (false, true) => Err(Failure::Misconfigured("a user is given, and no password".into())),
        (true, false) => Err(Failure::Misconfigured("a password is given, and no user".into())),
        _ => Ok((username, password)),
    }
}
