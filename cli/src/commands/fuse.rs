//! `fuse`: a composition as one component.

use std::fs;

use crate::app::fused_whole;
use crate::args::FuseArgs;
use crate::commands::print;
use crate::exit::Exit;
use crate::problem::Problem;

pub(super) async fn fuse(args: FuseArgs) -> Result<(), Exit> {
    let bytes = fused_whole(&args.app.source()).await?;
    let file = args.output.display();
    fs::write(&args.output, &bytes)
        .map_err(|error| Problem::new(format!("`{file}` cannot be written: {error}")))?;
    print(&format!("{file}, {} bytes\n", bytes.len()))
}
