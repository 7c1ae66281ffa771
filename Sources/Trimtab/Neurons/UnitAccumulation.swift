/// Reads a tensor with the units on its last axis block by block and adds each block to the units' records.
///
/// A block fits the cache, so its second moment takes a second look at it rather than at memory.
struct UnitAccumulation {
  static let blockElements = 32768
  private static let greatestWidth = 1024

  private let samples: TensorView
  private let unitCount: Int
  private let options: ActivityOptions

  /// - Throws: nothing that a checked view gives rise to.
  init(samples: TensorView, unitCount: Int, options: ActivityOptions) throws(TrimtabError) {
    self.unitCount = unitCount
    self.options = options
    guard samples.isCompact else {
      self.samples = samples
      return
    }
    // One long axis is copied faster than many short ones.
    var shape = Extents()
    shape[0] = samples.count
    self.samples = try TensorView(
      base: samples.base, elementType: samples.elementType, rank: 1, shape: shape, strides: nil, name: "preactivations")
  }

  var needsOutputs: Bool { !options.activation.isPiecewiseLinear }

  func workspace(_ scratch: UnitScratch?) throws(TrimtabError) -> UnitScratch {
    if let scratch { return scratch }
    return try UnitScratch(needsOutputs: needsOutputs)
  }

  /// Adds every sample. The scratch is had before anything is changed.
  func run(into units: UnitStatistics, _ scratch: UnitScratch?) throws(TrimtabError) {
    guard unitCount > 0, samples.count > 0 else { return }
    let scratch = try workspace(scratch)
    let outputs = needsOutputs ? scratch.outputs : nil
    if unitCount < 16 {
      addFolded(scratch.block.pointer, outputs, units)
    } else {
      addTiled(scratch.block.pointer, outputs, units)
    }
  }

  /// Few units: so many samples stand side by side that their values fill whole groups of eight.
  private func addFolded(_ block: UnsafeMutablePointer<Double>, _ outputs: Storage<Double>?, _ units: UnitStatistics) {
    var width = unitCount
    while width & 7 != 0 { width = width &+ unitCount }
    let taken = min(UnitAccumulation.blockElements / width, 1024) &* width
    var start = 0
    while start < samples.count {
      let found = min(taken, samples.count &- start)
      samples.copy(from: start, count: found, to: block)
      let rows = (found &+ width &- 1) / width
      // What stands beyond the last sample is not finite, and so is not counted.
      for place in found..<(rows &* width) { block[place] = .nan }
      add(block, outputs, rows: rows, stride: width, width: width, firstUnit: 0, units)
      start = start &+ found
    }
  }

  private func addTiled(_ block: UnsafeMutablePointer<Double>, _ outputs: Storage<Double>?, _ units: UnitStatistics) {
    let rowCount = samples.count / unitCount
    var column = 0
    while column < unitCount {
      let width = min(unitCount &- column, UnitAccumulation.greatestWidth)
      let stride = (width &+ 7) & ~7
      let height = min(UnitAccumulation.blockElements / stride, 1024)
      var row = 0
      while row < rowCount {
        let rows = min(height, rowCount &- row)
        if stride == unitCount {
          samples.copy(from: row &* unitCount, count: rows &* unitCount, to: block)
        } else {
          for r in 0..<rows {
            samples.copy(from: (row &+ r) &* unitCount &+ column, count: width, to: block + r &* stride)
          }
        }
        add(block, outputs, rows: rows, stride: stride, width: width, firstUnit: column, units)
        row = row &+ rows
      }
      column = column &+ width
    }
  }

  /// Adds `width` columns; the unit of a column is its place after `firstUnit`, counted around, or is `firstUnit` for
  /// all.
  func add(
    _ block: UnsafeMutablePointer<Double>, _ outputs: Storage<Double>?, rows: Int, stride: Int, width: Int,
    firstUnit: Int, _ units: UnitStatistics, isOneUnit: Bool = false
  ) {
    let activation = options.activation
    let bounds = options.saturationBounds
    let leak = activation == .identity ? 1 : activation == .leakyRelu ? options.leak.magnitude : 0
    if let outputs {
      for place in 0..<(rows &* stride) { outputs.pointer[place] = activation.outputMagnitude(block[place]) }
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 64) { results in
      guard let found = results.baseAddress else { return }
      var first = 0
      while first < width {
        kernels.columnActivity(
          block + first, outputs.map { UnsafePointer($0.pointer + first) }, rows, stride, leak,
          activation.activeKind, bounds.low, bounds.high, found)
        for lane in 0..<min(8, width &- first) {
          let unit = isOneUnit ? firstUnit : firstUnit &+ (first &+ lane) % unitCount
          units.merge(UnitAccumulation.record(found + lane), into: unit)
        }
        first = first &+ 8
      }
    }
  }

  private static func record(_ found: UnsafeMutablePointer<Double>) -> UnitRecord {
    guard found[0] > 0 else { return UnitRecord() }
    return UnitRecord(
      finiteCount: Int(found[0]), activeCount: Int(found[8]), saturatedCount: Int(found[16]), meanOutput: found[24],
      mean: min(max(found[32], found[56]), found[48]), squares: found[40], maximum: found[48], minimum: found[56])
  }
}

/// The memory that a pass over a layer works in; kept by whoever makes many passes.
final class UnitScratch {
  let block: Storage<Double>
  let outputs: Storage<Double>

  init(needsOutputs: Bool) throws(TrimtabError) {
    block = try Storage(count: UnitAccumulation.blockElements, for: "preactivations")
    outputs = try Storage(count: needsOutputs ? UnitAccumulation.blockElements : 0, for: "preactivations")
  }
}
