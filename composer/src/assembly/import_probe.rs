//! Components that only import something, by which a linker is asked what it has.

const HEADER: [u8; 8] = [0x00, b'a', b's', b'm', 0x0d, 0x00, 0x01, 0x00];
const TYPE_SECTION: u8 = 7;
const IMPORT_SECTION: u8 = 10;
const INSTANCE_TYPE: u8 = 0x42;
const EXPORT_DECLARATION: u8 = 0x04;
const OF_INSTANCE: u8 = 0x05;
/// The description of an import or export that is a resource type of its own.
const RESOURCE: [u8; 2] = [0x03, 0x01];

/// The binary of a component that imports an instance with these resources.
pub(super) fn importing_instance(name: &str, resources: &[&str]) -> Vec<u8> {
    let mut types = vec![1, INSTANCE_TYPE];
    leb128(&mut types, resources.len());
    for resource in resources {
        types.push(EXPORT_DECLARATION);
        named(&mut types, resource);
        types.extend(RESOURCE);
    }
    let mut import = vec![1];
    named(&mut import, name);
    // Of instance type 0.
    import.extend([OF_INSTANCE, 0]);
    component(&[(TYPE_SECTION, &types), (IMPORT_SECTION, &import)])
}

/// The binary of a component that imports a resource.
pub(super) fn importing_resource(name: &str) -> Vec<u8> {
    let mut import = vec![1];
    named(&mut import, name);
    import.extend(RESOURCE);
    component(&[(IMPORT_SECTION, &import)])
}

fn component(sections: &[(u8, &[u8])]) -> Vec<u8> {
    let mut binary = HEADER.to_vec();
    for (section, content) in sections {
        binary.push(*section);
        leb128(&mut binary, content.len());
        binary.extend(*content);
    }
    binary
}

/// The name of an import or an export.
fn named(out: &mut Vec<u8>, name: &str) {
    out.push(0x00);
    leb128(out, name.len());
    out.extend(name.as_bytes());
}

fn leb128(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
