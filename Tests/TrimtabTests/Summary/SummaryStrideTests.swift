import Foundation
import Testing

@testable import Trimtab

@Suite struct SummaryStrideTests {
  /// A random view over random memory, and the patterns it shows in logical order.
  private func withRandomView(
    _ type: ElementType, _ deviates: inout Deviates, _ body: (TensorView, [Double]) throws -> Void
  ) throws {
    let rank = deviates.below(6)
    var shape = Extents()
    var strides = Extents()
    var low = 0
    var high = 0
    for axis in 0..<rank {
      shape[axis] = [1, 2, 3, 5, 7, 40, 130][deviates.below(rank > 3 ? 5 : 7)]
      strides[axis] = [0, 1, -1, 2, -3, 7, 64, -200][deviates.below(8)]
      let reach = (shape[axis] - 1) * strides[axis]
      low += min(reach, 0)
      high += max(reach, 0)
    }
    let mask = type.byteCount == 8 ? UInt64.max : (UInt64(1) << UInt64(8 * type.byteCount)) - 1
    let isWild = deviates.below(3) == 0
    let patterns = (0..<(high - low + 1)).map { _ in
      isWild ? deviates.bits() & mask : UInt64(Float16(deviates.normal()).bitPattern) & mask
    }
    let count = (0..<rank).reduce(1) { $0 * shape[$1] }
    let values = (0..<count).map { index in
      var rest = index
      var place = -low
      for axis in stride(from: rank - 1, through: 0, by: -1) {
        place += rest % shape[axis] * strides[axis]
        rest /= shape[axis]
      }
      return decode(patterns[place], type)
    }
    try bytes(patterns, type).withUnsafeBytes { memory in
      let base = memory.baseAddress.map { $0 - low * type.byteCount }
      try body(
        TensorView(base: base, elementType: type, rank: rank, shape: shape, strides: strides), values)
    }
  }

  @Test(arguments: ElementType.allCases) func anyStrides(_ type: ElementType) throws {
    var deviates = Deviates()
    for round in 0..<150 {
      try withRandomView(type, &deviates) { view, values in
        let difference = SummaryReference(values, type).difference(summarize(view), "\(type.name) round \(round)")
        #expect(difference == nil)
      }
    }
  }

  @Test(arguments: ElementType.allCases) func copyingTakesLogicalOrder(_ type: ElementType) throws {
    var deviates = Deviates()
    var places = Deviates(seed: deviates.bits())
    for round in 0..<100 {
      try withRandomView(type, &deviates) { view, values in
        let start = places.below(view.count)
        let wanted = 1 + places.below(view.count - start)
        let target = try Storage<Double>(count: wanted + 1, for: "test")
        target.pointer[wanted] = 12345
        view.copy(from: start, count: wanted, to: target.pointer)
        for index in 0..<wanted {
          let got = target.pointer[index]
          let want = values[start + index]
          #expect(got == want || got.isNaN && want.isNaN, "\(type.name) round \(round) index \(index)")
          if !(got == want || got.isNaN && want.isNaN) { return }
        }
        #expect(target.pointer[wanted] == 12345)
      }
    }
  }

  @Test func aTransposedMatrixSumsInMemoryOrder() throws {
    let values = (0..<600).map { Double($0 * $0 % 97) - 40.5 }
    let plain = try withView(values, [20, 30]) { summarize($0) }
    try values.withUnsafeBytes { memory in
      var shape = Extents()
      var strides = Extents()
      (shape[0], shape[1], strides[0], strides[1]) = (30, 20, 1, 30)
      let view = try TensorView(
        base: memory.baseAddress, elementType: .float64, rank: 2, shape: shape, strides: strides)
      #expect(summarize(view) == plain)
    }
  }

  @Test func aShapeWithoutMemoryBehindItIsNoWork() throws {
    try [3.0, .nan, -4].withUnsafeBytes { memory in
      var shape = Extents()
      var strides = Extents()
      (shape[0], shape[1], strides[0], strides[1]) = (1 << 60, 3, 0, 1)
      let view = try TensorView(
        base: memory.baseAddress, elementType: .float64, rank: 2, shape: shape, strides: strides)
      let found = summarize(view)
      #expect(found.count == 3 << 60 && found.nanCount == 1 << 60 && found.firstNonfiniteIndex == 1)
      #expect(abs(found.mean + 0.5) < 1e-15 && found.l2Norm == 5 * 0x1p30)
    }
  }
}
