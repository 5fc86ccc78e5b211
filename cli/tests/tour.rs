//! What the tour shows of commands that wait for something: for lines, for requests.
//!
//! Commands that only print are in blocks `console`, which `what_it_prints` runs. A block
//! `shell-session` is run here, as a person would type it: `$` begins a command, `>` a line that
//! it reads, and what it prints is below. `curl` is this test's own.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};

use tempfile::TempDir;

use crate::support::{repository, wasm_composer};

/// A shell, in a folder that looks like the repository and may be written to.
struct Shell {
    folder: TempDir,
    /// The free ports that stand for those in the text.
    ports: BTreeMap<&'static str, String>,
    /// Commands that go on, and what they say meanwhile.
    running: Vec<(Child, BufReader<ChildStderr>)>,
}

impl Drop for Shell {
    fn drop(&mut self) {
        for (child, _) in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A command, what it reads, and what it prints.
#[derive(Default)]
struct Typed {
    command: String,
    input: String,
    printed: String,
}

/// The commands in the blocks of a page that are sessions of a shell.
fn sessions(page: &str) -> Vec<Vec<Typed>> {
    let text = fs::read_to_string(repository().join(page)).unwrap();
    let blocks = text.split("```shell-session\n").skip(1);
    let sessions = blocks.map(|block| {
        let block = block.split("```").next().unwrap();
        let mut session: Vec<Typed> = Vec::new();
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                session.push(Typed {
                    command: command.to_owned(),
                    ..Typed::default()
                });
                continue;
            }
            let typed = session.last_mut().expect("a block begins with a command");
            let (of, line) = match line.strip_prefix("> ") {
                Some(line) => (&mut typed.input, line),
                None => (&mut typed.printed, line),
            };
            of.push_str(line);
            of.push('\n');
        }
        session
    });
    sessions.collect()
}

/// The words of a command, of which some may be in quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in command.split('\'').enumerate() {
        match index % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

impl Shell {
    fn new() -> Shell {
        let folder = tempfile::tempdir().unwrap();
        for name in ["cli", "docs", "examples", "tests"] {
            let there = repository().join(name).canonicalize().unwrap();
            std::os::unix::fs::symlink(there, folder.path().join(name)).unwrap();
        }
        let listeners = ["8080", "8081"].map(|port| {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            (port, free)
        });
        let ports = listeners.map(|(port, free)| {
            let free = free.local_addr().unwrap().port();
            (port, free.to_string())
        });
        Shell {
            folder,
            ports: BTreeMap::from(ports),
            running: Vec::new(),
        }
    }

    fn with_free_ports(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (written, free) in &self.ports {
            text = text.replace(&format!(":{written}"), &format!(":{free}"));
        }
        text
    }

    /// Carries out a command, and returns what it prints.
    fn run(&mut self, typed: &Typed) -> String {
        let command = self.with_free_ports(&typed.command);
        let words = words(&command);
        let (program, args) = words.split_first().unwrap();
        match program.as_str() {
            "curl" => curl(args),
            "kill" => self.stop(),
            "wasm-composer" => self.composer(args, &typed.input),
            other => panic!("the tour types `{other}`, which this test does not know"),
        }
    }

    fn composer(&mut self, args: &[String], input: &str) -> String {
        let (args, goes_on) = match args.split_last() {
            Some((last, args)) if last == "&" => (args, true),
            _ => (args, false),
        };
        let mut child = wasm_composer()
            .current_dir(self.folder.path())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        if !goes_on {
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(input.as_bytes()).unwrap();
            drop(stdin);
            let output = child.wait_with_output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(output.status.success(), "{args:?}: {said}");
            assert_eq!(said, "", "{args:?}");
            return String::from_utf8(output.stdout).unwrap();
        }
        // What is told until it can be asked: an address for each that was given.
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let addresses = args.iter().filter(|arg| arg.contains("127.0.0.1:"));
        for _ in 0..addresses.count() {
            let begun = said.len();
            assert_ne!(lines.read_line(&mut said).unwrap(), 0, "{args:?}: {said}");
            // The level, padded, is not what this is about.
            let line = said.split_off(begun);
            said.push_str(line.trim_start());
        }
        self.running.push((child, lines));
        said
    }

    /// Asks the command that goes on to end. What it has said of requests is not shown.
    fn stop(&mut self) -> String {
        let (mut child, mut lines) = self.running.pop().unwrap();
        let pid = child.id().to_string();
        let killed = Command::new("kill").arg(pid).status().unwrap();
        assert!(killed.success());
        let mut said = String::new();
        lines.read_to_string(&mut said).unwrap();
        assert!(child.wait().unwrap().success(), "{said}");
        String::new()
    }
}

/// `curl [-H HEADER] URL`.
fn curl(args: &[String]) -> String {
    let (url, options) = args.split_last().unwrap();
    let header = match options {
        [flag, header] if flag == "-H" => format!("{header}\r\n"),
        [] => String::new(),
        _ => panic!("{options:?}"),
    };
    let (address, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{header}\r\n"
    )
    .unwrap();
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    let mut chunked = false;
    while head != "\r\n" {
        head.clear();
        reader.read_line(&mut head).unwrap();
        chunked |= head
            .to_lowercase()
            .starts_with("transfer-encoding: chunked");
    }
    let mut body = String::new();
    if !chunked {
        reader.read_to_string(&mut body).unwrap();
        return body;
    }
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).unwrap();
        let size = u64::from_str_radix(size.trim(), 16).unwrap();
        reader
            .by_ref()
            .take(size)
            .read_to_string(&mut body)
            .unwrap();
        reader.read_line(&mut String::new()).unwrap();
        if size == 0 {
            return body;
        }
    }
}

#[track_caller]
fn shows(page: &str, least: usize) {
    let sessions = sessions(page);
    assert!(sessions.len() >= least, "{page} has {}", sessions.len());
    for session in sessions {
        let mut shell = Shell::new();
        for typed in session {
            let printed = shell.run(&typed);
            let wanted = shell.with_free_ports(&typed.printed);
            // `curl` prints a body as it is, without an end of line.
            assert_eq!(printed.trim_end(), wanted.trim_end(), "{}", typed.command);
        }
        assert!(shell.running.is_empty(), "a command goes on at the end");
    }
}

#[test]
fn the_tour() {
    shows("docs/tour.md", 3);
}

#[test]
fn the_readme() {
    shows("README.md", 1);
}
