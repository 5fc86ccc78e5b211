//! Hands out files of WASI 0.3.

use exports::test::handles_later::files::Guest;
use wasi::filesystem::preopens::get_directories;
use wasi::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use wit_bindgen::StreamReader;

wit_bindgen::generate!({
    path: "../../wit/wasi-handles-later",
    world: "test:handles-later/owner-guest",
    generate_all,
});

struct Files;

impl Guest for Files {
    async fn open(path: String) -> Result<Descriptor, String> {
        let mut folders = get_directories().into_iter();
        let (folder, _) = folders.next().ok_or("no folder is open")?;
        let (follow, open) = (PathFlags::empty(), OpenFlags::empty());
        let file = folder.open_at(follow, path, open, DescriptorFlags::READ);
        file.await.map_err(said)
    }

    async fn kind(file: &Descriptor) -> Result<String, String> {
        file.get_type().await.map(said).map_err(said)
    }

    async fn read(path: String) -> Result<StreamReader<u8>, String> {
        let file = Self::open(path).await?;
        let (bytes, _) = file.read_via_stream(0);
        Ok(bytes)
    }
}

fn said(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}

export!(Files);
