// The baseline takes the eight columns two by two: what holds eight lanes there is four registers, and code four times
// as long.
#if TRIMTAB_FMA
  private typealias Lanes = SIMD8<Double>
#else
  private typealias Lanes = SIMD2<Double>
#endif

/// What eight columns of a block hold, column by column, in `results`: 8 rows of 8 values.
///
///   0 finite values   1 active ones   2 saturated ones   3 mean output magnitude   4 mean   5 sum (z - mean)²   6
///   greatest   7 least
///
/// - Parameters:
///   - outputs: |f(z)|, laid out as `block`; nil: z where z > 0, else |leak z|.
///   - rows: at most 1024; `stride` values apart.
///   - activeKind: 0: z > 0 is active; 1: z != 0; 2: every finite z.
///   - low, high: z outside is saturated.
func columnActivity(
  _ block: UnsafePointer<Double>, _ outputs: UnsafePointer<Double>?, _ rows: Int, _ stride: Int, _ leak: Double,
  _ activeKind: Int, _ low: Double, _ high: Double, _ results: UnsafeMutablePointer<Double>
) {
  var column = 0
  while column < 8 {
    laneActivity(
      block + column, outputs.map { $0 + column }, rows, stride, leak, activeKind, low, high, results + column)
    column &+= Lanes.scalarCount
  }
}

@inline(__always)
private func laneActivity(
  _ block: UnsafePointer<Double>, _ outputs: UnsafePointer<Double>?, _ rows: Int, _ stride: Int, _ leak: Double,
  _ activeKind: Int, _ low: Double, _ high: Double, _ results: UnsafeMutablePointer<Double>
) {
  var finite = Lanes.zero
  var active = Lanes.zero
  var saturated = Lanes.zero
  var output = Lanes.zero
  var sum = Lanes.zero
  var maximum = Lanes(repeating: -.infinity)
  var minimum = Lanes(repeating: .infinity)
  let ones = Lanes(repeating: 1)
  let activeNegatives = SIMDMask<Lanes.MaskStorage>(repeating: activeKind >= 1)
  let activeZeros = SIMDMask<Lanes.MaskStorage>(repeating: activeKind >= 2)
  // Sums of at most 1024 terms of z / 1024 cannot overflow, and a power of two costs no digit.
  let scale = 0x1p-10
  for row in 0..<rows {
    let z = load(block + row &* stride)
    let isFinite = (z - z) .== 0
    let value = Lanes.zero.replacing(with: z, where: isFinite)
    let isActive = (z .> 0) .| ((z .< 0) .& activeNegatives) .| activeZeros
    let isSaturated = (z .< low) .| (z .> high)
    let magnitude = outputs.map { load($0 + row &* stride) } ?? value.replacing(with: value * -leak, where: value .<= 0)
    finite += Lanes.zero.replacing(with: ones, where: isFinite)
    active += Lanes.zero.replacing(with: ones, where: isFinite .& isActive)
    saturated += Lanes.zero.replacing(with: ones, where: isFinite .& isSaturated)
    sum += value * scale
    output += Lanes.zero.replacing(with: magnitude * scale, where: isFinite)
    maximum.replace(with: z, where: isFinite .& (z .> maximum))
    minimum.replace(with: z, where: isFinite .& (z .< minimum))
  }
  let count = ones.replacing(with: finite, where: finite .> 0) * scale
  let mean = sum / count
  var squares = Lanes.zero
  for row in 0..<rows {
    let z = load(block + row &* stride)
    let distance = Lanes.zero.replacing(with: z - mean, where: (z - z) .== 0)
    squares += distance * distance
  }
  store(finite, results)
  store(active, results + 8)
  store(saturated, results + 16)
  store(output / count, results + 24)
  store(mean, results + 32)
  store(squares, results + 40)
  store(maximum, results + 48)
  store(minimum, results + 56)
}

@inline(__always) private func load(_ pointer: UnsafePointer<Double>) -> Lanes {
  UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
}

@inline(__always) private func store(_ lanes: Lanes, _ pointer: UnsafeMutablePointer<Double>) {
  UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
}
