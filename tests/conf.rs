//! Settings: `conf/edge.toml` against the code, and what bad ones are told.

use std::path::Path;

use cirque::conf::{Conf, Sources};

use super::harness::repository;

#[test]
fn the_annotated_file_holds_every_setting_at_its_default() {
    let path = repository().join("conf/edge.toml");
    let text = std::fs::read_to_string(&path).expect("conf/edge.toml");
    let read = Conf::load(&Sources {
        file: Some(&path),
        ..Sources::default()
    })
    .expect("conf/edge.toml can be used");
    assert_eq!(read, Conf::default());
    let written: toml::Table = toml::from_str(&text).expect("TOML");
    let known = toml::Table::try_from(Conf::default()).expect("settings");
    for (table, keys) in &known {
        for key in keys.as_table().expect("a table").keys() {
            let value = written.get(table).and_then(|t| t.get(key));
            assert!(
                value.is_some(),
                "conf/edge.toml does not explain {table}.{key}"
            );
        }
    }
}

#[test]
fn a_bad_setting_is_named_with_its_place_and_a_way_out() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("edge.toml");
    for (text, expected) in [
        (
            "[listen]\nhtpp = \"127.0.0.1:1\"\n",
            "edge.toml:2: there is no setting `listen.htpp`; did you mean `listen.http`?",
        ),
        (
            "[lisen]\nhttp = \"x\"\n",
            "edge.toml:1: there is no setting `lisen`; did you mean `listen`?",
        ),
        (
            "[limits]\n\ncpu_ms = \"fast\"\n",
            "edge.toml:3: `limits.cpu_ms` is \"fast\", but needs a whole number",
        ),
        (
            "[limits]\ncpu_ms = -1\n",
            "edge.toml:2: `limits.cpu_ms` is -1, but needs a whole number, 0 or above",
        ),
        (
            "[limits]\ncpu_ms = 0\n",
            "edge.toml:2: `limits.cpu_ms` is 0; write at least 1",
        ),
        (
            "[limits]\ncpu_ms = 99999999\n",
            "edge.toml:2: `limits.cpu_ms` is 99999999, above its ceiling",
        ),
        (
            "[listen]\nhttp = \"8080\"\n",
            "edge.toml:2: `listen.http` is \"8080\", which is no address",
        ),
        (
            "[listen]\nhttp = \"\"\n",
            "and `listen.https` are both empty",
        ),
        (
            "[log]\nformat = \"xml\"\n",
            "edge.toml:2: `log.format` cannot be used: unknown variant `xml`",
        ),
        (
            "[store]\nurl = \"mysql://x\"\n",
            "edge.toml:2: `store.url` is no address of a store",
        ),
        (
            "[egress]\nallow_addresses = [\"10.0.0.0/99\"]\n",
            "edge.toml:2: `egress.allow_addresses` has \"10.0.0.0/99\"",
        ),
        (
            "[egress]\ndeny_hosts = [\"fine.example\", \"a b\"]\n",
            "edge.toml:2: `egress.deny_hosts` has \"a b\", which is no host",
        ),
        (
            "[egress]\nallow_hosts = [\"a.*.example\"]\n",
            "`egress.allow_hosts` has \"a.*.example\"",
        ),
        (
            "[egress]\nallow_ports = [\"80\", \"9-1\"]\n",
            "`egress.allow_ports` has \"9-1\", which is no port",
        ),
        (
            "[egress]\nallow_ports = [\"0\"]\n",
            "`egress.allow_ports` has \"0\"",
        ),
        (
            "[egress]\ndns_servers = [\"resolver.example\"]\n",
            "`egress.dns_servers` has \"resolver.example\", which is no address",
        ),
        (
            "[egress]\nheader_bytes = 100\n",
            "`egress.header_bytes` is below 8192",
        ),
        ("listen = 1\n", "edge.toml:1: `listen` is a table"),
        ("[listen\n", "edge.toml:1"),
    ] {
        std::fs::write(&file, text).expect("a file");
        let error = Conf::load(&Sources {
            file: Some(&file),
            ..Sources::default()
        })
        .expect_err(text)
        .to_string();
        assert!(error.contains(expected), "{text:?}: {error}");
    }
    let missing = Conf::load(&Sources {
        file: Some(Path::new("/nowhere/edge.toml")),
        ..Sources::default()
    });
    assert!(
        missing
            .expect_err("no file")
            .to_string()
            .contains("/nowhere/edge.toml")
    );
}

#[test]
fn the_environment_beats_the_file_and_flags_beat_both() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("edge.toml");
    std::fs::write(&file, "[limits]\ncpu_ms = 1\nmemory_mb = 1\nwall_ms = 1\n").expect("a file");
    let sources = |flags: &[&str], environment: &[(&str, &str)]| {
        Conf::load(&Sources {
            file: Some(&file),
            environment: environment
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
            flags: flags.iter().map(|f| (*f).to_owned()).collect(),
        })
    };
    let variables = [
        ("CIRQUE_LIMITS__CPU_MS", "2"),
        ("CIRQUE_LIMITS__MEMORY_MB", "2"),
        ("PATH", "/bin"),
    ];
    let conf = sources(&["limits.cpu_ms=3"], &variables).expect("settings");
    assert_eq!(
        (
            conf.limits.cpu_ms,
            conf.limits.memory_mb,
            conf.limits.wall_ms
        ),
        (3, 2, 1)
    );

    let error = sources(&[], &[("CIRQUE_LIMITS__CPUMS", "2")])
        .expect_err("unknown")
        .to_string();
    assert!(
        error.contains("environment variable CIRQUE_LIMITS__CPUMS"),
        "{error}"
    );
    assert!(error.contains("did you mean `limits.cpu_ms`?"), "{error}");
    let error = sources(&["limits.cpu_ms=soon"], &[])
        .expect_err("no number")
        .to_string();
    assert!(
        error.contains("--set limits.cpu_ms=soon") && error.contains("a whole number"),
        "{error}"
    );
    let error = sources(&["nonsense"], &[])
        .expect_err("no setting")
        .to_string();
    assert!(error.contains("write table.key=value"), "{error}");
}
