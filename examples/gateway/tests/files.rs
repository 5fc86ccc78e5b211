//! Files that cannot be used: the errors give a place and a fix, and the gateway
//! continues unchanged.

use composer_gateway::demo::guest_file;
use composer_gateway::error::{ConfigError, FilterError, GatewayError, Mistake};
use composer_gateway::reload::Gateway;

use crate::support::{World, filter, route};

/// The error of a reload, without the paths of the test's files.
async fn refused(world: &World, tables: &[String]) -> (GatewayError, String) {
    world.write(tables);
    let error = world.gateway.reload().await.unwrap_err();
    let text = error.to_string();
    let text = text.replace(&world.folder().display().to_string(), "FOLDER");
    let guests = guest_file("x")
        .parent()
        .unwrap()
        .parent()
        .unwrap()
        .to_owned();
    let text = text.replace(&guests.display().to_string(), "GUESTS");
    // The old site continues to serve.
    assert_eq!(world.gateway.site().generation, 1);
    assert_eq!(world.get("/a").await.status, 200);
    assert_eq!(world.get("/b").await.status, 403);
    (error, text)
}

async fn world() -> World {
    World::start(&[
        filter("http-allow", "config = 'path /a'"),
        route("/", "'allow'", ""),
    ])
    .await
}

#[tokio::test]
async fn a_file_that_is_no_configuration() {
    let world = world().await;
    let (error, text) = refused(&world, &["[[routes]]\npaht = '/'\n".to_owned()]).await;
    assert!(matches!(
        error,
        GatewayError::Config(ConfigError::Syntax { .. })
    ));
    assert!(
        text.starts_with("FOLDER/gateway.toml cannot be understood:\n"),
        "{text}"
    );
    assert!(text.contains("line 3") && text.contains("paht"), "{text}");

    std::fs::remove_file(world.file()).unwrap();
    let error = world.gateway.reload().await.unwrap_err();
    assert!(matches!(
        error,
        GatewayError::Config(ConfigError::Read { .. })
    ));
    world.stop().await;
}

#[tokio::test]
async fn all_mistakes_are_told_at_once() {
    let world = world().await;
    let (error, text) = refused(
        &world,
        &[
            filter("http-allow", "config = 'path /a'\ninstances = 0"),
            route("/", "'alow'", ""),
            route("/", "", ""),
            "[[routes]]\npath = 'x'\nupstream = 'https://a'\n".to_owned(),
        ],
    )
    .await;
    assert_eq!(
        text,
        "FOLDER/gateway.toml has mistakes:\n\
         `filters.allow`: `instances` is 0, so nothing could run\n  \
         fix: say 1 or more\n\
         route `/` names the filter `alow`, and there is none of this name; there are: allow\n  \
         fix: declare it as [filters.alow]\n\
         route `/` is there twice\n  \
         fix: remove one, or give it another path\n\
         route `x`: a path begins with `/`\n  \
         fix: path = \"/x\"\n\
         route `x`: the upstream `https://a` cannot be used: its scheme is not `http`\n  \
         fix: upstream = \"http://host:port\""
    );
    let GatewayError::Config(ConfigError::Mistakes { mistakes, .. }) = error else {
        panic!("{error}");
    };
    assert!(matches!(mistakes[1], Mistake::Filter { .. }));
    world.stop().await;
}

#[tokio::test]
async fn components_that_are_no_filters() {
    let world = world().await;
    std::fs::write(world.folder().join("text.wasm"), "no component").unwrap();
    let own = |name: &str| format!("[filters.{name}]\ncomponent = '{name}.wasm'\n");
    let (error, text) = refused(
        &world,
        &[filter("plugin-shout", ""), own("absent"), own("text")],
    )
    .await;
    let GatewayError::Filters(errors) = &error else {
        panic!("{error}");
    };
    assert!(
        matches!(errors[0], FilterError::Load { .. }),
        "{}",
        errors[0]
    );
    assert!(
        matches!(errors[1], FilterError::Misfit { .. }),
        "{}",
        errors[1]
    );
    assert!(
        matches!(errors[2], FilterError::Load { .. }),
        "{}",
        errors[2]
    );
    assert!(
        text.starts_with("filter `absent`: cannot read FOLDER/absent.wasm: "),
        "{text}"
    );
    assert!(
        text.contains(
            "filter `plugin-shout` (GUESTS/plugin-shout/plugin-shout.wasm) is no filter:\n\
             component `filter` does not fit its declaration: it does not export \
             `composer:http-filter/filter@0.2.0`, which it is declared to export\n  \
             fix: give a component built against the declared WIT"
        ),
        "{text}"
    );
    world.stop().await;
}

#[tokio::test]
async fn filters_that_refuse_their_configuration() {
    let world = world().await;
    let (error, text) = refused(
        &world,
        &[
            filter("http-allow", "config = 'pfad /a'"),
            filter("http-token", ""),
            filter("http-hostile", "config = 'refuse@health'"),
        ],
    )
    .await;
    assert!(matches!(error, GatewayError::Filters(_)));
    assert_eq!(
        text,
        "filter `allow` (GUESTS/http-allow/http-allow.wasm) does not start: \
         filter `allow` refused in `configure`: `pfad /a` is not `path /…`\n\
         filter `hostile` (GUESTS/http-hostile/http-hostile.wasm) does not start: \
         filter `hostile` refused in `health`: it was told to refuse to health\n\
         filter `token` (GUESTS/http-token/http-token.wasm) does not start: \
         filter `token` refused in `configure`: \
         nobody has a token: it needs a line `token SECRET USER`"
    );
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_that_do_not_come_back_from_their_start() {
    let world = world().await;
    for phase in ["configure", "health"] {
        for wrong in ["spin", "trap", "memory"] {
            let config = format!("time-ms = 300\nconfig = '{wrong}@{phase}'");
            let (_, text) = refused(&world, &[filter("http-hostile", &config)]).await;
            let at = format!("call of `composer:http-filter/lifecycle@0.2.0#{phase}` of component");
            assert!(text.contains(&at), "{text}");
        }
    }
    world.stop().await;
}

#[tokio::test]
async fn a_gateway_does_not_open_what_it_cannot_use() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    std::fs::write(&file, "listen = '127.0.0.1:0'\nroutes = 1").unwrap();
    let error = Gateway::open(&file).await.err().unwrap();
    assert!(
        matches!(error, GatewayError::Config(ConfigError::Syntax { .. })),
        "{error}"
    );
}

#[tokio::test]
async fn what_was_compiled_is_kept_if_that_is_wanted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gateway.toml");
    let cache = "[cache]\nfolder = 'compiled'\nkey = 'secret.key'\n";
    let allow = filter("http-allow", "config = 'path /a'");
    std::fs::write(&file, format!("listen = '127.0.0.1:0'\n{cache}{allow}")).unwrap();
    for (compiled, disk_hits) in [(1, 0), (0, 1)] {
        let gateway = Gateway::open(&file).await.unwrap();
        let did = gateway.runtime().statistics();
        assert_eq!((did.compiled, did.disk_hits), (compiled, disk_hits));
        gateway.reload().await.unwrap();
        assert_eq!(gateway.runtime().statistics().compiled, compiled);
        gateway.shutdown().await;
    }
}
