//! Conversions between values and their image.
//!
//! Values that the embedder reads from a stream or writes to one are `Val`s, while those
//! of components cross as images. Both forms have the same types.

use composer_plan::Type;
use wasmtime::component::Val;
use wasmtime::{Result, bail, format_err};

use crate::transfer::image::AbiImage;
use crate::transfer::layout::{AbiLayout, CaseLayout};
use crate::transfer::{AnyHandle, blank, is_placeholder, placeholder};

impl AbiImage {
    /// The image of one value, with placeholders where handles are.
    pub(crate) fn of_value(ty: &Type, val: Val) -> Result<AbiImage> {
        let mut abi_image = AbiImage::default();
        abi_image.blank(AbiLayout::of(ty).size);
        abi_image.encode(ty, val, 0, 0)?;
        Ok(abi_image)
    }

    /// The value with this index in an image of values of one type, with placeholders
    /// where handles are.
    pub(crate) fn value(&self, ty: &Type, index: usize) -> Result<Val> {
        self.decode(ty, index.saturating_mul(AbiLayout::of(ty).size))
    }

    /// Writes a value; `place` is the number of the first place for a handle in its type.
    fn encode(&mut self, ty: &Type, val: Val, at: usize, place: usize) -> Result<()> {
        match (ty, val) {
            (Type::Bool, Val::Bool(v)) => self.put(at, [u8::from(v)]),
            (Type::S8, Val::S8(v)) => self.put(at, v.to_le_bytes()),
            (Type::U8, Val::U8(v)) => self.put(at, v.to_le_bytes()),
            (Type::S16, Val::S16(v)) => self.put(at, v.to_le_bytes()),
            (Type::U16, Val::U16(v)) => self.put(at, v.to_le_bytes()),
            (Type::S32, Val::S32(v)) => self.put(at, v.to_le_bytes()),
            (Type::U32, Val::U32(v)) => self.put(at, v.to_le_bytes()),
            (Type::S64, Val::S64(v)) => self.put(at, v.to_le_bytes()),
            (Type::U64, Val::U64(v)) => self.put(at, v.to_le_bytes()),
            (Type::F32, Val::Float32(v)) => self.put(at, v.to_le_bytes()),
            (Type::F64, Val::Float64(v)) => self.put(at, v.to_le_bytes()),
            (Type::Char, Val::Char(v)) => self.put(at, u32::from(v).to_le_bytes()),
            (Type::String, Val::String(v)) => {
                let start = self.append(v.as_bytes())?;
                self.point(at, start)?;
                self.put(at + 4, u32::try_from(v.len())?.to_le_bytes())
            }
            (Type::List(ty), Val::List(vals)) => {
                let size = AbiLayout::of(ty).size;
                let start = self.list(at, vals.len(), size)?;
                for (i, val) in vals.into_iter().enumerate() {
                    self.encode(ty, val, start + i * size, place)?;
                }
                Ok(())
            }
            (Type::Map(key, value), Val::Map(entries)) => {
                let (key, value): (&Type, &Type) = (key, value);
                let pair = Type::Tuple([key.clone(), value.clone()].into());
                let size = AbiLayout::of(&pair).size;
                let start = self.list(at, entries.len(), size)?;
                for (i, (key, value)) in entries.into_iter().enumerate() {
                    let entry = Val::Tuple(vec![key, value]);
                    self.encode(&pair, entry, start + i * size, place)?;
                }
                Ok(())
            }
            (Type::FixedLengthList(ty, len), Val::FixedLengthList(vals)) => {
                if vals.len() != *len as usize {
                    return Err(other_type());
                }
                let size = AbiLayout::of(ty).size;
                for (i, val) in vals.into_iter().enumerate() {
                    self.encode(ty, val, at + i * size, place)?;
                }
                Ok(())
            }
            (Type::Record(fields), Val::Record(vals)) => {
                let types = fields.iter().map(|(_, ty)| ty);
                self.encode_fields(types, vals.into_iter().map(|(_, val)| val), at, place)
            }
            (Type::Tuple(types), Val::Tuple(vals)) => {
                self.encode_fields(types.iter(), vals.into_iter(), at, place)
            }
            (Type::Variant(cases), Val::Variant(case, payload)) => {
                let index = cases.iter().position(|(name, _)| *name == case);
                let index = index.ok_or_else(other_type)?;
                let before = cases[..index].iter().filter_map(|(_, ty)| ty.as_ref());
                let place = place + before.map(places).sum::<usize>();
                self.encode_case(ty, index, (cases[index].1.as_ref(), payload), at, place)
            }
            (Type::Enum(names), Val::Enum(case)) => {
                let index = names.iter().position(|name| *name == case);
                let index = index.ok_or_else(other_type)?;
                self.encode_case(ty, index, (None, None), at, place)
            }
            (Type::Option(inner), Val::Option(payload)) => {
                let index = usize::from(payload.is_some());
                let inner = payload.is_some().then_some(&**inner);
                self.encode_case(ty, index, (inner, payload), at, place)
            }
            (Type::Result(sides), Val::Result(result)) => match result {
                Ok(payload) => self.encode_case(ty, 0, (sides.0.as_ref(), payload), at, place),
                Err(payload) => {
                    let place = place + sides.0.as_ref().map_or(0, places);
                    self.encode_case(ty, 1, (sides.1.as_ref(), payload), at, place)
                }
            },
            (Type::Flags(names), Val::Flags(set)) => {
                let size = AbiLayout::of(ty).size;
                let mut bits = vec![0; size];
                for flag in set {
                    let index = names.iter().position(|name| *name == flag);
                    let index = index.ok_or_else(other_type)?;
                    bits[index / 8] |= 1 << (index % 8);
                }
                self.slice_mut(at, size)?.copy_from_slice(&bits);
                Ok(())
            }
            (ty, val) if is_placeholder(&val) => {
                let handle = match ty {
                    Type::Own(_) | Type::Borrow(_) => AnyHandle::Resource(blank::resource()),
                    Type::Stream(_) => AnyHandle::Stream(blank::stream()),
                    Type::Future(_) => AnyHandle::Future(blank::future()),
                    _ => return Err(other_type()),
                };
                let index = self.hold(place, handle)?;
                self.put(at, index.to_le_bytes())
            }
            _ => Err(other_type()),
        }
    }

    /// Appends room for the elements of a list, and returns its offset.
    fn list(&mut self, at: usize, len: usize, size: usize) -> Result<usize> {
        let bytes = len.checked_mul(size).ok_or_else(other_type)?;
        let start = self.blank(bytes);
        self.point(at, start)?;
        self.put(at + 4, u32::try_from(len)?.to_le_bytes())?;
        Ok(start)
    }

    fn encode_fields<'t>(
        &mut self,
        types: impl Iterator<Item = &'t Type>,
        mut vals: impl Iterator<Item = Val>,
        at: usize,
        mut place: usize,
    ) -> Result<()> {
        let mut end = 0;
        for ty in types {
            let val = vals.next().ok_or_else(other_type)?;
            let offset = AbiLayout::of(ty).next(&mut end);
            self.encode(ty, val, at + offset, place)?;
            place += places(ty);
        }
        match vals.next() {
            None => Ok(()),
            Some(_) => Err(other_type()),
        }
    }

    fn encode_case(
        &mut self,
        ty: &Type,
        index: usize,
        payload: (Option<&Type>, Option<Box<Val>>),
        at: usize,
        place: usize,
    ) -> Result<()> {
        let layout = CaseLayout::of(ty);
        self.put_number(at, layout.width, u32::try_from(index)?)?;
        match payload {
            (None, None) => Ok(()),
            (Some(ty), Some(val)) => self.encode(ty, *val, at + layout.payload, place),
            _ => Err(other_type()),
        }
    }

    fn decode(&self, ty: &Type, at: usize) -> Result<Val> {
        Ok(match ty {
            Type::Bool => Val::Bool(self.get::<1>(at)? != [0]),
            Type::S8 => Val::S8(i8::from_le_bytes(self.get(at)?)),
            Type::U8 => Val::U8(u8::from_le_bytes(self.get(at)?)),
            Type::S16 => Val::S16(i16::from_le_bytes(self.get(at)?)),
            Type::U16 => Val::U16(u16::from_le_bytes(self.get(at)?)),
            Type::S32 => Val::S32(i32::from_le_bytes(self.get(at)?)),
            Type::U32 => Val::U32(u32::from_le_bytes(self.get(at)?)),
            Type::S64 => Val::S64(i64::from_le_bytes(self.get(at)?)),
            Type::U64 => Val::U64(u64::from_le_bytes(self.get(at)?)),
            Type::F32 => Val::Float32(f32::from_le_bytes(self.get(at)?)),
            Type::F64 => Val::Float64(f64::from_le_bytes(self.get(at)?)),
            Type::Char => Val::Char(char::try_from(self.word(at)?)?),
            Type::String => {
                let (start, len) = self.pair(at)?;
                Val::String(str::from_utf8(self.slice(start, len)?)?.to_owned())
            }
            Type::List(ty) => {
                let (start, len) = self.pair(at)?;
                Val::List(self.decode_row(ty, start, len)?)
            }
            Type::FixedLengthList(ty, len) => {
                Val::FixedLengthList(self.decode_row(ty, at, *len as usize)?)
            }
            Type::Map(key, value) => {
                let (start, len) = self.pair(at)?;
                let (key, value): (&Type, &Type) = (key, value);
                let pair = Type::Tuple([key.clone(), value.clone()].into());
                let entries = self.decode_row(&pair, start, len)?.into_iter();
                let entries = entries.map(|entry| match entry {
                    Val::Tuple(entry) => {
                        let [key, value] = entry.try_into().map_err(|_| other_type())?;
                        Ok((key, value))
                    }
                    _ => Err(other_type()),
                });
                Val::Map(entries.collect::<Result<_>>()?)
            }
            Type::Record(fields) => {
                let vals = self.decode_fields(fields.iter().map(|(_, ty)| ty), at)?;
                let names = fields.iter().map(|(name, _)| name.clone());
                Val::Record(names.zip(vals).collect())
            }
            Type::Tuple(types) => Val::Tuple(self.decode_fields(types.iter(), at)?),
            Type::Variant(cases) => {
                let (index, payload) = self.case(ty, at)?;
                let (name, ty) = cases.get(index).ok_or_else(other_type)?;
                Val::Variant(name.clone(), self.decode_boxed(ty.as_ref(), payload)?)
            }
            Type::Enum(names) => {
                let (index, _) = self.case(ty, at)?;
                Val::Enum(names.get(index).ok_or_else(other_type)?.clone())
            }
            Type::Option(inner) => match self.case(ty, at)? {
                (0, _) => Val::Option(None),
                (_, payload) => Val::Option(self.decode_boxed(Some(inner), payload)?),
            },
            Type::Result(sides) => match self.case(ty, at)? {
                (0, payload) => Val::Result(Ok(self.decode_boxed(sides.0.as_ref(), payload)?)),
                (_, payload) => Val::Result(Err(self.decode_boxed(sides.1.as_ref(), payload)?)),
            },
            Type::Flags(names) => {
                let bits = self.slice(at, AbiLayout::of(ty).size)?;
                let set = names.iter().enumerate();
                let set = set.filter(|(i, _)| bits[i / 8] & 1 << (i % 8) != 0);
                Val::Flags(set.map(|(_, name)| name.clone()).collect())
            }
            Type::Own(_) | Type::Borrow(_) | Type::Stream(_) | Type::Future(_) => placeholder(),
            _ => bail!("values of this type do not cross"),
        })
    }

    /// The case of a value, and the offset of its payload.
    fn case(&self, ty: &Type, at: usize) -> Result<(usize, usize)> {
        let layout = CaseLayout::of(ty);
        let index = self.number(at, layout.width)? as usize;
        Ok((index, at + layout.payload))
    }

    fn decode_boxed(&self, ty: Option<&Type>, at: usize) -> Result<Option<Box<Val>>> {
        ty.map(|ty| Ok(Box::new(self.decode(ty, at)?))).transpose()
    }

    fn decode_row(&self, ty: &Type, start: usize, len: usize) -> Result<Vec<Val>> {
        let size = AbiLayout::of(ty).size;
        (0..len)
            .map(|i| self.decode(ty, start + i * size))
            .collect()
    }

    fn decode_fields<'t>(
        &self,
        types: impl Iterator<Item = &'t Type>,
        at: usize,
    ) -> Result<Vec<Val>> {
        let mut end = 0;
        types
            .map(|ty| self.decode(ty, at + AbiLayout::of(ty).next(&mut end)))
            .collect()
    }
}

/// How many places for handles a type has.
fn places(ty: &Type) -> usize {
    match ty {
        Type::Own(_) | Type::Borrow(_) | Type::Stream(_) | Type::Future(_) => 1,
        Type::List(ty) | Type::FixedLengthList(ty, _) | Type::Option(ty) => places(ty),
        Type::Map(key, value) => places(key) + places(value),
        Type::Record(fields) => fields.iter().map(|(_, ty)| places(ty)).sum(),
        Type::Tuple(types) => types.iter().map(places).sum(),
        Type::Variant(cases) => cases
            .iter()
            .filter_map(|(_, t)| t.as_ref())
            .map(places)
            .sum(),
        Type::Result(sides) => {
            let sides = [&sides.0, &sides.1].into_iter().flatten();
            sides.map(places).sum()
        }
        _ => 0,
    }
}

/// An internal error: the embedder's values are checked before they get here.
fn other_type() -> wasmtime::Error {
    format_err!("a value is of another type than the stream's")
}
