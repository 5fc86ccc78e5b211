//! Files of WASI 0.3 that go from one component to another.

use composer::runtime::Grants;
use composer::wasi::{FsPerms, WasiComponent, WasiCtx};
use composer::{ComposableDescriptor, Composer, Composition, Value};
use tempfile::TempDir;

use crate::support::sandbox::loaded;
use crate::support::{call, guest};

const USES: &str = "test:handles-later/uses@0.1.0";

fn text() -> Vec<u8> {
    (0..100_000u32).map(|n| n as u8).collect()
}

async fn uses(composition: &Composition) {
    // With the file goes the file, and not the folder.
    let folders = call(composition, USES, "folders", []).await;
    assert_eq!(folders, Value::U32(0));
    let file = call(composition, USES, "file", ["text".into()]).await;
    let Value::Result(Ok(Some(file))) = file else {
        panic!("{file}");
    };
    let Value::Tuple(parts) = *file else {
        panic!("{file}");
    };
    assert!(parts[0] == Value::from(text()));
    for kind in &parts[1..] {
        assert!(kind.to_string().contains("RegularFile"), "{kind}");
    }
    let all = call(composition, USES, "all", ["text".into()]).await;
    assert!(all == Value::Result(Ok(Some(Box::new(text().into())))));
    let missing = call(composition, USES, "file", ["missing".into()]).await;
    assert!(matches!(missing, Value::Result(Err(_))), "{missing}");
}

#[tokio::test]
async fn files() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("text"), text()).unwrap();
    let mut ctx = WasiCtx::builder();
    ctx.preopened_dir(folder.path(), "/", FsPerms::ReadOnly)
        .unwrap();
    let owner = WasiComponent::new(guest("handles-later-owner")).with_ctx(ctx.build());
    let user = WasiComponent::new(guest("handles-later-user"));
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new("owner", owner))
        .add(ComposableDescriptor::new("user", user));
    uses(&composer.compose().await.unwrap()).await;

    // The same with limits and grants.
    let grants = Grants::none().with_folder_to_read(folder.path(), "/");
    let owner = loaded("handles-later-owner").await.part();
    let user = loaded("handles-later-user").await.part();
    let mut composer = Composer::new();
    composer
        .add(ComposableDescriptor::new(
            "owner",
            owner.with_grants(grants),
        ))
        .add(ComposableDescriptor::new("user", user));
    uses(&composer.compose().await.unwrap()).await;
}
