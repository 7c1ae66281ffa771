/// A compact tensor whose units lie in front of its last axis, such as the channels of [batch, channel, height, width]:
/// each unit's values are runs of contiguous elements.
struct UnitRuns {
  /// [outer, inner] of one unit; the next unit's begin `inner` elements later.
  private let base: UnsafeRawPointer
  private let elementType: ElementType
  private let outer: Int
  private let inner: Int
  /// Elements from one sample of the first axis to the next.
  private let outerStride: Int
  let unitCount: Int

  /// Nil for another layout, and for runs too short to be worth it.
  init?(_ tensor: TensorView, unitAxis: Int) throws(TrimtabError) {
    guard unitAxis >= 0, unitAxis < tensor.rank &- 1, let base = tensor.base else { return nil }
    // The first axis may leave samples out.
    guard tensor.isCompact || unitAxis == 1 && tensor.isCompact(from: 1) else { return nil }
    var inner = 1
    for axis in (unitAxis &+ 1)..<tensor.rank { inner = inner &* tensor.shape[axis] }
    let unitCount = tensor.shape[unitAxis]
    guard inner >= 8, unitCount > 0, tensor.count > 0 else { return nil }
    self.base = base
    self.elementType = tensor.elementType
    self.outer = tensor.count / (inner &* unitCount)
    self.inner = inner
    outerStride = unitAxis == 1 && outer > 1 ? tensor.strides[0] : unitCount &* inner
    self.unitCount = unitCount
  }

  /// All values of a unit.
  func values(of unit: Int) throws(TrimtabError) -> TensorView {
    var shape = Extents()
    shape[0] = outer
    shape[1] = inner
    var strides = Extents()
    strides[0] = outerStride
    strides[1] = 1
    return try TensorView(
      base: base + (unit &* inner) &* elementType.byteCount, elementType: elementType, rank: 2, shape: shape,
      strides: strides, name: "preactivations")
  }
}

extension UnitAccumulation {
  /// Adds every sample, unit by unit: eight values of one unit stand side by side where else eight units do.
  func run(_ runs: UnitRuns, into units: UnitStatistics, _ scratch: UnitScratch?) throws(TrimtabError) {
    let scratch = try workspace(scratch)
    let outputs = needsOutputs ? scratch.outputs : nil
    let block = scratch.block.pointer
    for unit in 0..<runs.unitCount {
      let values = try runs.values(of: unit)
      var start = 0
      while start < values.count {
        let found = min(UnitAccumulation.blockElements, values.count &- start)
        values.copy(from: start, count: found, to: block)
        let rows = (found &+ 7) / 8
        // What stands beyond the last value is not finite, and so is not counted.
        for place in found..<(rows &* 8) { block[place] = .nan }
        add(block, outputs, rows: rows, stride: 8, width: 8, firstUnit: unit, units, isOneUnit: true)
        start = start &+ found
      }
    }
  }
}
