/// Reads a tensor with the units on its last axis block by block and adds each block to the units' records.
///
/// A block fits the cache, so its second moment takes a second look at it rather than at memory.
struct UnitAccumulation {
  private static let blockElements = 8192
  private static let greatestWidth = 1024

  let samples: TensorView
  let unitCount: Int
  let options: ActivityOptions

  /// Adds every sample. The scratch is had before anything is changed.
  func run(into units: UnitStatistics) throws(TrimtabError) {
    guard unitCount > 0, samples.count > 0 else { return }
    let scratch = try Storage<Double>(count: 2 &* UnitAccumulation.blockElements, for: "preactivations")
    switch options.activation {
    case .relu: each(RectifiedActivation(leak: 0), units, scratch)
    case .leakyRelu: each(RectifiedActivation(leak: options.leak), units, scratch)
    case .identity: each(IdentityActivation(), units, scratch)
    default: each(SmoothActivation(kind: options.activation), units, scratch)
    }
  }

  private func each(_ activation: some UnitActivation, _ units: UnitStatistics, _ scratch: Storage<Double>) {
    let rows = samples.count / unitCount
    var column = 0
    while column < unitCount {
      let width = min(unitCount &- column, UnitAccumulation.greatestWidth)
      let lanes = (width &+ 7) & ~7
      let height = max(UnitAccumulation.blockElements / lanes, 1)
      var row = 0
      while row < rows {
        let taken = min(height, rows &- row)
        load(row, taken, column, width, lanes, scratch.pointer, scratch.pointer + UnitAccumulation.blockElements)
        add(scratch.pointer, taken, column, width, lanes, activation, units)
        row = row &+ taken
      }
      column = column &+ width
    }
  }

  /// Puts rows of `width` units at a distance of `lanes` in `block`; the lanes beyond are whatever they were.
  private func load(
    _ row: Int, _ rows: Int, _ column: Int, _ width: Int, _ lanes: Int, _ block: UnsafeMutablePointer<Double>,
    _ dense: UnsafeMutablePointer<Double>
  ) {
    if width < unitCount {
      for r in 0..<rows {
        samples.copy(from: (row &+ r) &* unitCount &+ column, count: width, to: block + r &* lanes)
      }
    } else if width == lanes {
      samples.copy(from: row &* unitCount, count: rows &* width, to: block)
    } else {
      samples.copy(from: row &* unitCount, count: rows &* width, to: dense)
      for r in 0..<rows {
        for c in 0..<width { block[r &* lanes &+ c] = dense[r &* width &+ c] }
      }
    }
  }

  private func add(
    _ block: UnsafeMutablePointer<Double>, _ rows: Int, _ column: Int, _ width: Int, _ lanes: Int,
    _ activation: some UnitActivation, _ units: UnitStatistics
  ) {
    var first = 0
    while first < width {
      let sums = LaneSums(block + first, rows: rows, stride: lanes, activation, options.saturationBounds)
      for lane in 0..<min(8, width &- first) { units[column &+ first &+ lane].merge(sums.record(lane)) }
      first = first &+ 8
    }
  }
}

/// The records of eight units over one block, kept in registers while its rows pass.
private struct LaneSums {
  private var finite = Lanes.zero
  private var active = Lanes.zero
  private var saturated = Lanes.zero
  private var output = Lanes.zero
  private var sum = Lanes.zero
  private var maximum = Lanes(repeating: -.infinity)
  private var minimum = Lanes(repeating: .infinity)
  private var squares = Lanes.zero
  private var mean = Lanes.zero
  private let scale: Double

  @inline(__always)
  init(
    _ block: UnsafeMutablePointer<Double>, rows: Int, stride: Int, _ activation: some UnitActivation,
    _ bounds: (low: Double, high: Double)
  ) {
    // Sums of at most 1024 terms of z / 1024 cannot overflow, and a power of two costs no digit.
    scale = 0x1p-10
    let ones = Lanes(repeating: 1)
    for row in 0..<rows {
      let z = LaneSums.load(block + row &* stride)
      let isFinite = (z - z) .== 0
      let value = Lanes.zero.replacing(with: z, where: isFinite)
      finite += Lanes.zero.replacing(with: ones, where: isFinite)
      active += Lanes.zero.replacing(with: ones, where: isFinite .& activation.isActive(z))
      let isSaturated = (z .< bounds.low) .| (z .> bounds.high)
      saturated += Lanes.zero.replacing(with: ones, where: isFinite .& isSaturated)
      sum += value * scale
      output += Lanes.zero.replacing(with: activation.outputMagnitude(value) * scale, where: isFinite)
      maximum.replace(with: z, where: isFinite .& (z .> maximum))
      minimum.replace(with: z, where: isFinite .& (z .< minimum))
    }
    let count = Lanes(repeating: 1).replacing(with: finite, where: finite .> 0) * scale
    mean = sum / count
    output = output / count
    for row in 0..<rows {
      let z = LaneSums.load(block + row &* stride)
      let distance = Lanes.zero.replacing(with: z - mean, where: (z - z) .== 0)
      squares += distance * distance
    }
  }

  @inline(__always) private static func load(_ pointer: UnsafeMutablePointer<Double>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  func record(_ lane: Int) -> UnitRecord {
    guard finite[lane] > 0 else { return UnitRecord() }
    return UnitRecord(
      finiteCount: Int(finite[lane]), activeCount: Int(active[lane]), saturatedCount: Int(saturated[lane]),
      meanOutput: output[lane], mean: min(max(mean[lane], minimum[lane]), maximum[lane]), squares: squares[lane], maximum: maximum[lane],
      minimum: minimum[lane])
  }
}
