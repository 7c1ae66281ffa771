import CPlatform
import Foundation
import Kernels
import Testing

@testable import Trimtab

#if TRIMTAB_DISPATCH
  import KernelsV3
  import KernelsV4
#endif

/// Every level that this machine has gives the same bits.
@Suite struct KernelLevelTests {
  private var levels: [KernelFunctions] {
    var levels = [Kernels.kernelFunctions()]
    #if TRIMTAB_DISPATCH
      if trimtab_platform_cpu_level() >= 3 { levels.append(KernelsV3.kernelFunctions()) }
      if trimtab_platform_cpu_level() >= 4 { levels.append(KernelsV4.kernelFunctions()) }
    #endif
    return levels
  }

  @Test(arguments: ElementType.allCases) func summariesAgree(_ type: ElementType) {
    var deviates = Deviates()
    for round in 0..<60 {
      let count = 1 + deviates.below(5000)
      let memory = (0..<count * type.byteCount).map { _ in UInt8(truncatingIfNeeded: deviates.bits()) }
      memory.withUnsafeBytes { memory in
        guard let base = memory.baseAddress else { return }
        let all = levels.map { level -> [UInt64] in
          var results = [Double](repeating: 0, count: 5)
          var counts = [Int](repeating: 0, count: 5)
          level.summarizeRun(type.rawValue, base, count, &results, &counts)
          // The fast pass promises nothing about runs that are not finite.
          if !results[4].isFinite {
            (results, counts) = ([Double](repeating: 0, count: 5), [Int](repeating: 0, count: 5))
          }
          return results.map(\.bitPattern) + counts.map { UInt64($0) }
            + [UInt64(bitPattern: Int64(level.firstNonfinite(type.rawValue, base, count)))]
        }
        for level in all.dropFirst() { #expect(level == all[0], "\(type.name) round \(round)") }
      }
    }
  }

  @Test(arguments: ElementType.allCases) func wideningAgrees(_ type: ElementType) {
    var deviates = Deviates()
    for count in [1, 2, 7, 8, 31, 64, 511, 512, 513, 3000] {
      let memory = (0..<count * type.byteCount).map { _ in UInt8(truncatingIfNeeded: deviates.bits()) }
      memory.withUnsafeBytes { memory in
        guard let base = memory.baseAddress else { return }
        let all = levels.map { level -> [UInt64] in
          var target = [Double](repeating: 0, count: count)
          level.widen(type.rawValue, base, count, &target)
          return target.map { $0.isNaN ? 0 : $0.bitPattern }
        }
        for level in all.dropFirst() { #expect(level == all[0], "\(type.name) \(count)") }
      }
    }
  }
}
