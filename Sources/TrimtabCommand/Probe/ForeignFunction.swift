import CFFI
import Trimtab

/// A function of a shared library, called through libffi.
final class ForeignFunction {
  private let plan: ProbePlan
  private let symbol: UnsafeMutableRawPointer
  private let interface = UnsafeMutablePointer<ffi_cif>.allocate(capacity: 1)
  private let types: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>
  /// Where libffi finds the arguments, and what pointers among them point to.
  private let arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private var blocks: [UnsafeMutableRawPointer] = []
  private let result = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 16)
  /// Beyond each array: a function that writes there has been told a wrong count.
  private static let fence = 64
  private static let fenceByte: UInt8 = 0xA5

  /// - Throws: `ProbeError` for a library or a symbol that is not there.
  init(library: String, symbol name: String, plan: ProbePlan) throws {
    (symbol, self.plan) = (try loadedSymbol(name, of: library), plan)
    let count = plan.slots.count
    types = .allocate(capacity: max(count, 1))
    arguments = .allocate(capacity: max(count, 1))
    for (index, slot) in plan.slots.enumerated() {
      let isValue = slot.argument.passing == .value
      types[index] = trimtab_ffi_type(isValue ? slot.argument.number?.code ?? 0 : Int32(UInt8(ascii: "p")))
      let width = slot.argument.number?.byteCount ?? 8
      let block = UnsafeMutableRawPointer.allocate(
        byteCount: slot.count * width + ForeignFunction.fence + 16, alignment: 64)
      blocks.append(block)
      arguments[index] = block
      if !isValue {
        // An argument that is a pointer: libffi wants the address of the pointer.
        let place = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
        place.initialize(to: slot.argument.passing == .userData ? nil : block)
        arguments[index] = UnsafeMutableRawPointer(place)
      }
    }
    let resultType = trimtab_ffi_type(plan.result?.code ?? Int32(UInt8(ascii: "v")))
    guard trimtab_ffi_prepare(interface, UInt32(count), resultType, types) != 0 else {
      throw ProbeError("--signature: libffi does not take it")
    }
  }

  /// Calls it at a point.
  func call(_ x: UnsafePointer<Double>, _ values: UnsafeMutablePointer<Double>) throws(TrimtabError) {
    for (slot, block) in zip(plan.slots, blocks) { fill(slot, block, x) }
    trimtab_ffi_call(interface, symbol, result, arguments)
    for (slot, block) in zip(plan.slots, blocks) {
      guard let number = slot.argument.number else { continue }
      if slot.argument.passing != .value, !isIntact(block + slot.count * number.byteCount) {
        throw TrimtabError(
          .invalidArgument, "--signature: the function wrote beyond an array, allowed the count that it takes")
      }
      guard let output = slot.output else { continue }
      for index in 0..<slot.count { values[output + index] = load(block + index * number.byteCount, number) }
    }
    guard let number = plan.result else { return }
    let returned = number.isFloatingPoint ? load(result, number) : returnedInteger(number)
    if plan.resultIsOutput {
      values[plan.outputCount - 1] = returned
    } else if returned != 0 {
      throw TrimtabError(.callback, "the function returned %, allowed 0 beside outputs that it writes", returned)
    }
  }

  private func fill(_ slot: ProbePlan.Slot, _ block: UnsafeMutableRawPointer, _ x: UnsafePointer<Double>) {
    guard let number = slot.argument.number else { return }
    for index in 0..<slot.count {
      let value = slot.input.map { x[$0 + index] } ?? slot.constant ?? 0
      store(value, block + index * number.byteCount, number)
    }
    (block + slot.count * number.byteCount).initializeMemory(
      as: UInt8.self, repeating: ForeignFunction.fenceByte, count: ForeignFunction.fence)
  }

  private func isIntact(_ fence: UnsafeMutableRawPointer) -> Bool {
    for index in 0..<ForeignFunction.fence
    where fence.load(fromByteOffset: index, as: UInt8.self) != ForeignFunction.fenceByte { return false }
    return true
  }

  /// libffi widens integers to a register.
  private func returnedInteger(_ number: ProbeSignature.Number) -> Double {
    let bits = result.load(as: UInt64.self)
    return switch number {
    case .i8: Double(Int8(truncatingIfNeeded: bits))
    case .i16: Double(Int16(truncatingIfNeeded: bits))
    case .i32: Double(Int32(truncatingIfNeeded: bits))
    case .i64: Double(Int64(bitPattern: bits))
    case .u8: Double(UInt8(truncatingIfNeeded: bits))
    case .u16: Double(UInt16(truncatingIfNeeded: bits))
    case .u32: Double(UInt32(truncatingIfNeeded: bits))
    default: Double(bits)
    }
  }

  private func load(_ place: UnsafeRawPointer, _ number: ProbeSignature.Number) -> Double {
    switch number {
    case .f64: place.loadUnaligned(as: Double.self)
    case .f32: Double(place.loadUnaligned(as: Float.self))
    case .i8: Double(place.loadUnaligned(as: Int8.self))
    case .i16: Double(place.loadUnaligned(as: Int16.self))
    case .i32: Double(place.loadUnaligned(as: Int32.self))
    case .i64: Double(place.loadUnaligned(as: Int64.self))
    case .u8: Double(place.loadUnaligned(as: UInt8.self))
    case .u16: Double(place.loadUnaligned(as: UInt16.self))
    case .u32: Double(place.loadUnaligned(as: UInt32.self))
    case .u64: Double(place.loadUnaligned(as: UInt64.self))
    }
  }

  /// Rounded to what the type holds; what is beyond it is its end.
  private func store(_ value: Double, _ place: UnsafeMutableRawPointer, _ number: ProbeSignature.Number) {
    func integer<Whole: FixedWidthInteger & BitwiseCopyable>(_ type: Whole.Type) {
      let whole = Whole(exactly: value.rounded()) ?? (value > 0 ? .max : value < 0 ? .min : 0)
      place.storeBytes(of: whole, as: type)
    }
    switch number {
    case .f64: place.storeBytes(of: value, as: Double.self)
    case .f32: place.storeBytes(of: Float(value), as: Float.self)
    case .i8: integer(Int8.self)
    case .i16: integer(Int16.self)
    case .i32: integer(Int32.self)
    case .i64: integer(Int64.self)
    case .u8: integer(UInt8.self)
    case .u16: integer(UInt16.self)
    case .u32: integer(UInt32.self)
    case .u64: integer(UInt64.self)
    }
  }
}
