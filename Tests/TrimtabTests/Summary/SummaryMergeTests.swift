import Foundation
import Testing

@testable import Trimtab

@Suite struct SummaryMergeTests {
  @Test func mergedPartsAreTheWhole() throws {
    var deviates = Deviates()
    for round in 0..<300 {
      let length = deviates.below(3000)
      let span = [1, 300, 2000][deviates.below(3)]
      let values = (0..<length).map { _ -> Double in
        switch deviates.below(40) {
        case 0: [Double.nan, .infinity, -.infinity][deviates.below(3)]
        case 1: 0
        default: scalbn(deviates.normal(), deviates.below(span) - span / 2)
        }
      }
      var merged = Summary.identity
      var start = 0
      while start < length {
        let end = min(length, start + 1 + deviates.below(900))
        try merged.merge(try summarize(Array(values[start..<end])))
        start = end
      }
      try merged.merge(.identity)
      let difference = SummaryReference(values, .float64).difference(merged, "round \(round)")
      #expect(difference == nil)
    }
  }

  @Test func theIdentityChangesNothing() throws {
    for values in [[], [1.5, -3], [.nan], [1e300, 1e-300], [0x1p-1074]] as [[Double]] {
      let summary = try summarize(values)
      var left = Summary.identity
      try left.merge(summary)
      var right = summary
      try right.merge(.identity)
      #expect(left == summary && right == summary)
    }
  }

  @Test func mergingIsAssociative() throws {
    var deviates = Deviates()
    for _ in 0..<300 {
      let parts = try (0..<3).map { _ in
        try summarize((0..<deviates.below(50)).map { _ in scalbn(deviates.normal(), deviates.below(1800) - 900) })
      }
      var left = parts[0]
      try left.merge(parts[1])
      try left.merge(parts[2])
      var tail = parts[1]
      try tail.merge(parts[2])
      var right = parts[0]
      try right.merge(tail)
      #expect(left.count == right.count && left.minimum == right.minimum && left.maximum == right.maximum)
      #expect(left.scaleExponent == right.scaleExponent)
      #expect(abs(left.l2Norm - right.l2Norm) <= 4e-16 * left.l2Norm)
      #expect(abs(left.scaledSum - right.scaledSum) <= 4e-16 * max(left.scaledAbsoluteSum, .leastNonzeroMagnitude))
    }
  }

  @Test func whatCannotComeFromDataIsRefused() throws {
    let sound = try summarize([1, -2, .nan, 0])
    let damages: [(inout Summary) -> Void] = [
      { $0.count = -1 }, { $0.nanCount = -1 }, { $0.nanCount = 5 }, { $0.positiveInfinityCount = .max },
      { $0.zeroCount = 4 }, { $0.subnormalCount = 3 }, { $0.firstNonfiniteIndex = -1 }, { $0.firstNonfiniteIndex = 4 },
      { $0.firstNonfiniteIndex = -2 }, { $0.minimum = .nan }, { $0.minimum = 7 }, { $0.maximum = .infinity },
      { $0.scaledSum = .nan }, { $0.scaledAbsoluteSum = -1 }, { $0.scaledSquareSum = -1 },
      { $0.scaledSquareSum = .infinity }, { $0.scaleExponent = 1024 }, { $0.scaleExponent = -1075 },
      { $0.scaleExponent = 1023 },
      {
        $0.nanCount = 4
        $0.zeroCount = 0
      },
    ]
    for (index, damage) in damages.enumerated() {
      var damaged = sound
      damage(&damaged)
      var target = sound
      #expect(throws: TrimtabError.self, "damage \(index)") { try target.merge(damaged) }
      #expect(target == sound)
      #expect(throws: TrimtabError.self, "damage \(index)") { try damaged.merge(sound) }
    }
    var long = sound
    long.count = .max
    var target = sound
    #expect(throws: TrimtabError.self) { try target.merge(long) }
  }

  @Test func noFieldWhateverTraps() throws {
    var deviates = Deviates()
    var accepted = 0
    for _ in 0..<200_000 {
      var summary = try Summary.random(&deviates)
      let other = try Summary.random(&deviates)
      if (try? summary.merge(other)) != nil {
        accepted += 1
        #expect(summary.scaledSquareSum.isFinite && summary.count >= 0)
      }
    }
    #expect(accepted > 100)
  }
}

extension Summary {
  /// Fields that may be anything, near to sound ones often enough to pass.
  fileprivate static func random(_ deviates: inout Deviates) throws -> Summary {
    func double() -> Double {
      switch deviates.below(6) {
      case 0: Double(bitPattern: deviates.bits())
      case 1: 0
      default: scalbn(deviates.normal(), deviates.below(2100) - 1074)
      }
    }
    func int() -> Int {
      switch deviates.below(8) {
      case 0: Int(bitPattern: UInt(deviates.bits()))
      case 1: .max
      case 2: 1
      default: 0
      }
    }
    var summary = try summarize((0..<deviates.below(3)).map { _ in double() })
    for _ in 0..<deviates.below(3) {
      switch deviates.below(12) {
      case 0: summary.count = int()
      case 1: summary.nanCount = int()
      case 2: summary.positiveInfinityCount = int()
      case 3: summary.negativeInfinityCount = int()
      case 4: summary.zeroCount = int()
      case 5: summary.subnormalCount = int()
      case 6: summary.firstNonfiniteIndex = int()
      case 7: summary.minimum = double()
      case 8: summary.maximum = double()
      case 9: summary.scaledSum = double()
      case 10: summary.scaledSquareSum = double()
      default: summary.scaleExponent = Int32(truncatingIfNeeded: deviates.below(5000) - 2500)
      }
    }
    return summary
  }
}
