//! Files in memory: a folder that can be read, and `printed.txt`, which is what is written
//! to the standard output and the standard error.

use std::cell::{Cell, RefCell};

use exports::wasi::cli::{stderr, stdin, stdout};
use exports::wasi::filesystem::{preopens, types};
use exports::wasi::io::{error, streams};
use types::{DescriptorFlags, DescriptorType, ErrorCode};

wit_bindgen::generate!({
    path: "../../wit/virtualization",
    world: "test:virtualization/files-guest",
    generate_all,
});

const FILES: [(&str, &str); 2] = [
    ("greeting.txt", "hello from memory"),
    ("notes/one.txt", "the first note"),
];
const PRINTED: &str = "printed.txt";

thread_local! {
    static TEXT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn content(path: &str) -> Option<Vec<u8>> {
    if path == PRINTED {
        return Some(TEXT.with_borrow(Vec::clone));
    }
    let mut files = FILES.iter();
    let file = files.find(|(name, _)| *name == path)?;
    Some(file.1.as_bytes().to_vec())
}

fn is_folder(path: &str) -> bool {
    path.is_empty() || path == "." || path == "notes"
}

/// What is in a folder.
fn entries(folder: &str) -> Vec<types::DirectoryEntry> {
    let inside = |name: &str| match folder {
        "notes" => name.strip_prefix("notes/").map(str::to_owned),
        _ => (!name.contains('/')).then(|| name.to_owned()),
    };
    let names = FILES.iter().map(|(name, _)| *name).chain([PRINTED]);
    let entry = |type_, name| types::DirectoryEntry { type_, name };
    let mut all: Vec<_> = names
        .filter_map(inside)
        .map(|name| entry(DescriptorType::RegularFile, name))
        .collect();
    if folder != "notes" {
        all.push(entry(DescriptorType::Directory, "notes".to_owned()));
    }
    all
}

struct Files;
struct Failure;
struct Input(Vec<u8>, Cell<usize>);
struct Output;
struct Node(String);
struct Entries(RefCell<Vec<types::DirectoryEntry>>);

impl error::Guest for Files {
    type Error = Failure;
}

impl error::GuestError for Failure {
    fn to_debug_string(&self) -> String {
        "a failure".to_owned()
    }
}

impl streams::Guest for Files {
    type InputStream = Input;
    type OutputStream = Output;
}

impl streams::GuestInputStream for Input {
    fn read(&self, len: u64) -> Result<Vec<u8>, streams::StreamError> {
        let (bytes, at) = (&self.0, self.1.get());
        let end = bytes.len().min(at + len as usize);
        if at == bytes.len() {
            return Err(streams::StreamError::Closed);
        }
        self.1.set(end);
        Ok(bytes[at..end].to_vec())
    }

    fn blocking_read(&self, len: u64) -> Result<Vec<u8>, streams::StreamError> {
        self.read(len)
    }
}

impl streams::GuestOutputStream for Output {
    fn check_write(&self) -> Result<u64, streams::StreamError> {
        Ok(4096)
    }

    fn write(&self, contents: Vec<u8>) -> Result<(), streams::StreamError> {
        TEXT.with_borrow_mut(|text| text.extend(contents));
        Ok(())
    }

    fn blocking_write_and_flush(&self, contents: Vec<u8>) -> Result<(), streams::StreamError> {
        self.write(contents)
    }

    fn blocking_flush(&self) -> Result<(), streams::StreamError> {
        Ok(())
    }
}

impl types::Guest for Files {
    type Descriptor = Node;
    type DirectoryEntryStream = Entries;

    fn filesystem_error_code(_: error::ErrorBorrow<'_>) -> Option<ErrorCode> {
        None
    }
}

impl types::GuestDescriptor for Node {
    fn read_via_stream(&self, offset: u64) -> Result<streams::InputStream, ErrorCode> {
        let bytes = content(&self.0).ok_or(ErrorCode::IsDirectory)?;
        let at = bytes.len().min(offset as usize);
        Ok(streams::InputStream::new(Input(bytes, Cell::new(at))))
    }

    fn write_via_stream(&self, _: u64) -> Result<streams::OutputStream, ErrorCode> {
        Err(ErrorCode::ReadOnly)
    }

    fn append_via_stream(&self) -> Result<streams::OutputStream, ErrorCode> {
        Err(ErrorCode::ReadOnly)
    }

    fn get_flags(&self) -> Result<DescriptorFlags, ErrorCode> {
        Ok(DescriptorFlags::READ)
    }

    fn get_type(&self) -> Result<DescriptorType, ErrorCode> {
        Ok(match is_folder(&self.0) {
            true => DescriptorType::Directory,
            false => DescriptorType::RegularFile,
        })
    }

    fn read_directory(&self) -> Result<types::DirectoryEntryStream, ErrorCode> {
        if !is_folder(&self.0) {
            return Err(ErrorCode::NotDirectory);
        }
        let entries = RefCell::new(entries(&self.0));
        Ok(types::DirectoryEntryStream::new(Entries(entries)))
    }

    fn stat(&self) -> Result<types::DescriptorStat, ErrorCode> {
        Ok(types::DescriptorStat {
            type_: self.get_type()?,
            link_count: 1,
            size: content(&self.0).map_or(0, |bytes| bytes.len() as u64),
            data_access_timestamp: None,
            data_modification_timestamp: None,
            status_change_timestamp: None,
        })
    }

    fn open_at(
        &self,
        _: types::PathFlags,
        path: String,
        how: types::OpenFlags,
        flags: DescriptorFlags,
    ) -> Result<types::Descriptor, ErrorCode> {
        let path = match &*self.0 {
            "" | "." => path,
            folder => format!("{folder}/{path}"),
        };
        if flags.contains(DescriptorFlags::WRITE) || how.contains(types::OpenFlags::CREATE) {
            return Err(ErrorCode::ReadOnly);
        }
        if !is_folder(&path) && content(&path).is_none() {
            return Err(ErrorCode::NoEntry);
        }
        Ok(types::Descriptor::new(Node(path)))
    }

    fn metadata_hash(&self) -> Result<types::MetadataHashValue, ErrorCode> {
        let lower = self.0.bytes().fold(7, |hash: u64, byte| {
            hash.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        Ok(types::MetadataHashValue { lower, upper: 0 })
    }

    fn metadata_hash_at(
        &self,
        _: types::PathFlags,
        path: String,
    ) -> Result<types::MetadataHashValue, ErrorCode> {
        Node(path).metadata_hash()
    }
}

impl types::GuestDirectoryEntryStream for Entries {
    fn read_directory_entry(&self) -> Result<Option<types::DirectoryEntry>, ErrorCode> {
        Ok(self.0.borrow_mut().pop())
    }
}

impl preopens::Guest for Files {
    fn get_directories() -> Vec<(types::Descriptor, String)> {
        let root = types::Descriptor::new(Node(String::new()));
        vec![(root, "/".to_owned())]
    }
}

impl stdin::Guest for Files {
    fn get_stdin() -> streams::InputStream {
        streams::InputStream::new(Input(Vec::new(), Cell::new(0)))
    }
}

impl stdout::Guest for Files {
    fn get_stdout() -> streams::OutputStream {
        streams::OutputStream::new(Output)
    }
}

impl stderr::Guest for Files {
    fn get_stderr() -> streams::OutputStream {
        streams::OutputStream::new(Output)
    }
}

export!(Files);
