//! A module's parts, and where the rewritten module has them.

use std::collections::HashMap;

use wasmparser::{
    ConstExpr, DataKind, ElementItems, ElementKind, ExternalKind, FuncType, FunctionBody, Operator,
    Parser, Payload, TableInit, TypeRef, ValType,
};

use super::refused;
use crate::runtime::checks::{self, Refusal};

/// Functions that can be called by handle; what a table of the runtime holds.
const PLACES_MAX: usize = 40_000;

/// A module that has been found valid.
pub(super) struct Shape<'a> {
    pub types: Vec<FuncType>,
    /// For each type the number of its signature: equal types are one.
    pub signature_of: Vec<u32>,
    pub signatures: Vec<FuncType>,
    pub imports: Vec<Import<'a>>,
    /// The type of each function, the imported ones first.
    pub functions: Vec<u32>,
    pub imported_functions: u32,
    pub memory: Option<Memory>,
    pub tables: Vec<Table<'a>>,
    pub globals: Vec<Global<'a>>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    pub elements: Vec<Elements<'a>>,
    pub data: Vec<Data<'a>>,
    pub bodies: Vec<FunctionBody<'a>>,
    pub custom: Vec<(&'a str, &'a [u8])>,
    /// Functions that have a handle, those of one signature together.
    pub places: Vec<u32>,
    place_of: HashMap<u32, u32>,
    /// For each signature its first place and their number.
    pub runs: Vec<(u32, u32)>,
}

pub(super) struct Import<'a> {
    pub module: &'a str,
    pub name: &'a str,
    pub kind: ExternalKind,
    /// In the index space of its kind.
    pub index: u32,
}

pub(super) struct Export<'a> {
    pub name: &'a str,
    pub kind: ExternalKind,
    pub index: u32,
}

#[derive(Clone, Copy)]
pub(super) struct Memory {
    pub initial: u64,
    pub maximum: Option<u64>,
}

pub(super) struct Table<'a> {
    pub element: ValType,
    pub initial: u64,
    pub maximum: Option<u64>,
    pub init: Option<ConstExpr<'a>>,
}

pub(super) struct Global<'a> {
    pub ty: ValType,
    pub is_mutable: bool,
    /// None: it is imported.
    pub init: Option<ConstExpr<'a>>,
    /// Somebody else sees it change: it lies in a cell of its own.
    pub is_cell: bool,
}

pub(super) struct Elements<'a> {
    /// The table and the place in it, of a segment that is applied at the start.
    pub active: Option<(u32, ConstExpr<'a>)>,
    /// It only says that functions can be had as values, and is never applied.
    pub is_declared: bool,
    /// Functions; None is null.
    pub items: Vec<Option<u32>>,
}

pub(super) struct Data<'a> {
    pub active: Option<ConstExpr<'a>>,
    pub bytes: &'a [u8],
}

impl<'a> Shape<'a> {
    /// # Errors
    /// [`Refusal::WasmModule`]
    pub(super) fn read(code: &'a [u8], memory_bytes_max: u64) -> Result<Self, Refusal> {
        checks::check_module(code, memory_bytes_max)?;
        let mut shape = Self {
            types: Vec::new(),
            signature_of: Vec::new(),
            signatures: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            imported_functions: 0,
            memory: None,
            tables: Vec::new(),
            globals: Vec::new(),
            exports: Vec::new(),
            start: None,
            elements: Vec::new(),
            data: Vec::new(),
            bodies: Vec::new(),
            custom: Vec::new(),
            places: Vec::new(),
            place_of: HashMap::new(),
            runs: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(code) {
            shape.take(payload?)?;
        }
        for export in &shape.exports {
            if export.kind == ExternalKind::Global
                && let Some(global) = shape.globals.get_mut(export.index as usize)
            {
                global.is_cell = true;
            }
        }
        shape.place()?;
        Ok(shape)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), Refusal> {
        match payload {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    let ty = ty?;
                    let known = self.signatures.iter().position(|other| *other == ty);
                    let number = known.unwrap_or_else(|| {
                        self.signatures.push(ty.clone());
                        self.signatures.len() - 1
                    });
                    self.signature_of.push(number as u32);
                    self.types.push(ty);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    self.import(import.module, import.name, import.ty)?;
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::TableSection(section) => {
                for table in section {
                    let table = table?;
                    self.tables.push(Table {
                        element: ValType::Ref(table.ty.element_type),
                        initial: table.ty.initial,
                        maximum: table.ty.maximum,
                        init: match table.init {
                            TableInit::RefNull => None,
                            TableInit::Expr(init) => Some(init),
                        },
                    });
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    let memory = memory?;
                    self.memory = Some(Memory {
                        initial: memory.initial,
                        maximum: memory.maximum,
                    });
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    let global = global?;
                    self.globals.push(Global {
                        ty: global.ty.content_type,
                        is_mutable: global.ty.mutable,
                        init: Some(global.init_expr),
                        // The engine looks through the cells for external references that are alive.
                        is_cell: is_external(global.ty.content_type),
                    });
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    self.exports.push(Export {
                        name: export.name,
                        kind: export.kind,
                        index: export.index,
                    });
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => {
                for element in section {
                    let element = element?;
                    let items = items(element.items)?;
                    self.elements.push(Elements {
                        is_declared: matches!(element.kind, ElementKind::Declared),
                        active: match element.kind {
                            ElementKind::Active {
                                table_index,
                                offset_expr,
                            } => Some((table_index.unwrap_or(0), offset_expr)),
                            ElementKind::Passive | ElementKind::Declared => None,
                        },
                        items,
                    });
                }
            }
            Payload::DataSection(section) => {
                for data in section {
                    let data = data?;
                    self.data.push(Data {
                        active: match data.kind {
                            DataKind::Active { offset_expr, .. } => Some(offset_expr),
                            DataKind::Passive => None,
                        },
                        bytes: data.data,
                    });
                }
            }
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) => self.custom.push((section.name(), section.data())),
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, module: &'a str, name: &'a str, ty: TypeRef) -> Result<(), Refusal> {
        let (kind, index) = match ty {
            TypeRef::Func(ty) => {
                self.functions.push(ty);
                self.imported_functions += 1;
                (ExternalKind::Func, self.functions.len() - 1)
            }
            TypeRef::Memory(memory) => {
                self.memory = Some(Memory {
                    initial: memory.initial,
                    maximum: memory.maximum,
                });
                (ExternalKind::Memory, 0)
            }
            TypeRef::Table(table) => {
                self.tables.push(Table {
                    element: ValType::Ref(table.element_type),
                    initial: table.initial,
                    maximum: table.maximum,
                    init: None,
                });
                (ExternalKind::Table, self.tables.len() - 1)
            }
            TypeRef::Global(global) => {
                self.globals.push(Global {
                    ty: global.content_type,
                    is_mutable: global.mutable,
                    init: None,
                    is_cell: global.mutable || is_external(global.content_type),
                });
                (ExternalKind::Global, self.globals.len() - 1)
            }
            TypeRef::Tag(_) | TypeRef::FuncExact(_) => {
                return Err(refused("it uses exceptions, which are not supported"));
            }
        };
        self.imports.push(Import {
            module,
            name,
            kind,
            index: index as u32,
        });
        Ok(())
    }

    /// Gives a place to every function that can be had as a value.
    fn place(&mut self) -> Result<(), Refusal> {
        let mut wanted = vec![false; self.functions.len()];
        let mut want = |function: u32| {
            if let Some(wanted) = wanted.get_mut(function as usize) {
                *wanted = true;
            }
        };
        for export in &self.exports {
            if export.kind == ExternalKind::Func {
                want(export.index);
            }
        }
        // A function that code refers to is named in a segment, an export or a global's value.
        for element in &self.elements {
            element.items.iter().flatten().for_each(|item| want(*item));
        }
        let globals = self
            .globals
            .iter()
            .filter_map(|global| global.init.as_ref());
        let tables = self.tables.iter().filter_map(|table| table.init.as_ref());
        for init in globals.chain(tables) {
            for operator in init.get_operators_reader() {
                if let Operator::RefFunc { function_index } = operator? {
                    want(function_index);
                }
            }
        }
        let mut runs = vec![Vec::new(); self.signatures.len()];
        for (function, _) in (0..).zip(&wanted).filter(|(_, wanted)| **wanted) {
            if let Some(run) = runs.get_mut(self.signature(function) as usize) {
                run.push(function);
            }
        }
        for run in runs {
            self.runs.push((self.places.len() as u32, run.len() as u32));
            for function in run {
                self.place_of.insert(function, self.places.len() as u32);
                self.places.push(function);
            }
        }
        match self.places.len() > PLACES_MAX {
            true => Err(refused(format!(
                "{} functions are in its tables and exports; at most {PLACES_MAX} may be",
                self.places.len()
            ))),
            false => Ok(()),
        }
    }

    /// The number of a function's signature.
    pub(super) fn signature(&self, function: u32) -> u32 {
        let ty = self.functions.get(function as usize).copied();
        self.signature_of_type(ty.unwrap_or(0))
    }

    pub(super) fn signature_of_type(&self, ty: u32) -> u32 {
        self.signature_of.get(ty as usize).copied().unwrap_or(0)
    }

    /// Where among those with a handle a function is.
    pub(super) fn place_of(&self, function: u32) -> Option<u32> {
        self.place_of.get(&function).copied()
    }

    pub(super) fn type_of(&self, ty: u32) -> Result<&FuncType, Refusal> {
        let found = self.types.get(ty as usize);
        found.ok_or_else(|| refused("a type is missing"))
    }
}

fn is_external(ty: ValType) -> bool {
    ty == ValType::EXTERNREF
}

fn items(items: ElementItems<'_>) -> Result<Vec<Option<u32>>, Refusal> {
    match items {
        ElementItems::Functions(functions) => {
            let functions: Result<Vec<_>, _> = functions.into_iter().collect();
            Ok(functions?.into_iter().map(Some).collect())
        }
        ElementItems::Expressions(_, expressions) => expressions
            .into_iter()
            .map(|expression| {
                let mut reader = expression?.get_operators_reader();
                match reader.read()? {
                    Operator::RefFunc { function_index } => Ok(Some(function_index)),
                    Operator::RefNull { .. } => Ok(None),
                    _ => Err(refused(
                        "an element segment takes its items from globals, which is not supported",
                    )),
                }
            })
            .collect(),
    }
}
