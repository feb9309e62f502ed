//! Plugins of some hundred bytes, written by hand: each says of itself what a test wants, and passes with one sentence. They
//! are core modules without a world, laid out as the canonical ABI of the component model says.

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, Instruction, MemorySection, MemoryType, Module, TypeSection, ValType,
};

/// What a small plugin is.
#[derive(Clone, Copy)]
pub(crate) struct Small {
    /// A probe, or a check.
    pub(crate) is_probe: bool,
    pub(crate) name: &'static str,
    /// The sentence that it passes with.
    pub(crate) says: &'static str,
    pub(crate) page: &'static str,
    pub(crate) option: Option<SmallOption>,
}

/// An option of it.
#[derive(Clone, Copy)]
pub(crate) struct SmallOption {
    pub(crate) name: &'static str,
    pub(crate) page: &'static str,
    /// A secret, or a text.
    pub(crate) is_secret: bool,
    pub(crate) default: Option<&'static str>,
}

/// Where its data begin, and where what it is handed is put.
const DATA: u32 = 1 << 10;
const HEAP: u32 = 32 << 10;

/// The memory from `DATA` on.
struct Memory(Vec<u8>);

impl Memory {
    /// Puts bytes where every type may begin; their address.
    fn put(&mut self, bytes: &[u8]) -> u32 {
        self.0.resize(self.0.len().next_multiple_of(8), 0);
        let address = DATA + u32::try_from(self.0.len()).expect("some hundred bytes");
        self.0.extend_from_slice(bytes);
        address
    }

    /// A text or a list: its address, and how long it is.
    fn list(&mut self, bytes: &[u8], count: usize) -> Vec<u8> {
        let address = self.put(bytes);
        [address, u32::try_from(count).expect("few")].iter().flat_map(|number| number.to_le_bytes()).collect()
    }

    fn text(&mut self, text: &str) -> Vec<u8> {
        self.list(text.as_bytes(), text.len())
    }
}

impl Small {
    pub(crate) fn check(name: &'static str, says: &'static str) -> Small {
        Small { is_probe: false, name, says, page: "", option: None }
    }

    pub(crate) fn probe(name: &'static str, says: &'static str) -> Small {
        Small { is_probe: true, ..Small::check(name, says) }
    }

    /// The core module.
    pub(crate) fn module(&self) -> Vec<u8> {
        let mut memory = Memory(Vec::new());
        let description = self.description(&mut memory);
        let description = memory.put(&description);
        // `ok`, and an outcome without metrics and facts; as long as the longest failure.
        let mut outcome = [vec![0; 4], memory.text(self.says)].concat();
        outcome.resize(32, 0);
        let outcome = memory.put(&outcome);

        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        // The settings, and of a probe the connection before them.
        types.ty().function(vec![ValType::I32; if self.is_probe { 3 } else { 2 }], [ValType::I32]);
        types.ty().function([ValType::I32; 4], [ValType::I32]);
        let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
        for (number, address) in [(0, description), (1, outcome)] {
            functions.function(number);
            let mut function = Function::new([]);
            function.instruction(&Instruction::I32Const(address.cast_signed())).instruction(&Instruction::End);
            code.function(&function);
        }
        functions.function(2);
        code.function(&realloc());

        let (mut memories, mut globals) = (MemorySection::new(), GlobalSection::new());
        memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
        let heap = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        globals.global(heap, &ConstExpr::i32_const(HEAP.cast_signed()));
        let interface = if self.is_probe { "prober" } else { "checker" };
        let mut exports = ExportSection::new();
        exports.export("memory", ExportKind::Memory, 0);
        exports.export(&format!("ruled:plugin/{interface}@0.1.0#describe"), ExportKind::Func, 0);
        exports.export(&format!("ruled:plugin/{interface}@0.1.0#check"), ExportKind::Func, 1);
        exports.export("cabi_realloc", ExportKind::Func, 2);
        let mut data = DataSection::new();
        data.active(0, &ConstExpr::i32_const(DATA.cast_signed()), memory.0);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&memories).section(&globals).section(&exports);
        module.section(&code).section(&data);
        module.finish()
    }

    /// The record that it describes itself with.
    fn description(&self, memory: &mut Memory) -> Vec<u8> {
        let option = self.option.map(|option| option.spec(memory));
        let options = option.map_or_else(|| vec![0; 8], |spec| memory.list(&spec, 1));
        let texts = [self.name, "1", "A small one", self.page].map(|text| memory.text(text)).concat();
        let about = [texts, options, vec![0; 8]].concat();
        if self.is_probe {
            // Over TCP; no customary ports, no encryption within the protocol.
            let transports = memory.list(&[0], 1);
            [about, transports, vec![0; 12]].concat()
        } else {
            // No customary port, no grants that it needs.
            [about, vec![0; 12]].concat()
        }
    }
}

impl SmallOption {
    /// The record of an option: its texts, its kind, that it is not required, and its default.
    fn spec(&self, memory: &mut Memory) -> Vec<u8> {
        let mut spec = [self.name, "What it is for", self.page].map(|text| memory.text(text)).concat();
        spec.push(u8::from(self.is_secret));
        spec.resize(56, 0);
        spec.push(u8::from(self.default.is_some()));
        spec.resize(72, 0);
        spec.extend(memory.text(self.default.unwrap_or_default()));
        spec.resize(88, 0);
        spec
    }
}

/// Hands out the heap, and takes nothing back.
fn realloc() -> Function {
    let mut function = Function::new([(1, ValType::I32)]);
    for instruction in [
        // Up to the next multiple of what it must be aligned to.
        Instruction::GlobalGet(0),
        Instruction::LocalGet(2),
        Instruction::I32Add,
        Instruction::I32Const(1),
        Instruction::I32Sub,
        Instruction::I32Const(0),
        Instruction::LocalGet(2),
        Instruction::I32Sub,
        Instruction::I32And,
        Instruction::LocalTee(4),
        Instruction::LocalGet(3),
        Instruction::I32Add,
        Instruction::GlobalSet(0),
        Instruction::LocalGet(4),
        Instruction::End,
    ] {
        function.instruction(&instruction);
    }
    function
}
