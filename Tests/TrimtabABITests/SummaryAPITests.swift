import CTrimtab
import Testing
import Trimtab

@testable import TrimtabABI

@Suite struct SummaryAPITests {
  @Test func theLayoutIsFrozen() {
    #expect(MemoryLayout<trimtab_summary>.size == 160 && MemoryLayout<trimtab_summary>.alignment == 8)
    #expect(MemoryLayout<trimtab_summary>.offset(of: \.first_nonfinite_index) == 48)
    #expect(MemoryLayout<trimtab_summary>.offset(of: \.minimum) == 56)
    #expect(MemoryLayout<trimtab_summary>.offset(of: \.scaled_square_sum) == 120)
    #expect(MemoryLayout<trimtab_summary>.offset(of: \.scale_exponent) == 128)
    #expect(MemoryLayout<trimtab_summary>.offset(of: \.reserved) == 136)
  }

  @Test func everyFieldCrossesTheBoundary() {
    var summary = Summary()
    summary.count = 1
    summary.nanCount = 2
    summary.positiveInfinityCount = 3
    summary.negativeInfinityCount = 4
    summary.zeroCount = 5
    summary.subnormalCount = 6
    summary.firstNonfiniteIndex = 7
    summary.minimum = 8
    summary.maximum = 9
    summary.greatestMagnitude = 10
    summary.mean = 11
    summary.l1Norm = 12
    summary.l2Norm = 13
    summary.scaledSum = 14
    summary.scaledAbsoluteSum = 15
    summary.scaledSquareSum = 16
    summary.scaleExponent = 17
    let crossed = trimtab_summary(summary)
    withUnsafeBytes(of: crossed) { bytes in
      for index in 0..<7 { #expect(bytes.load(fromByteOffset: index * 8, as: Int64.self) == Int64(index + 1)) }
      for index in 7..<16 { #expect(bytes.load(fromByteOffset: index * 8, as: Double.self) == Double(index + 1)) }
      #expect(bytes.load(fromByteOffset: 128, as: Int32.self) == 17)
      for index in 132..<160 { #expect(bytes[index] == 0) }
    }
    #expect(Summary(crossed) == summary)
  }

  private func withTensor<Result>(
    _ values: [Float], _ body: (inout trimtab_tensor) throws -> Result
  ) rethrows -> Result {
    var values = values
    var shape = [Int64(values.count)]
    return try values.withUnsafeMutableBytes { memory in
      try shape.withUnsafeMutableBufferPointer { shape in
        var tensor = trimtab_tensor()
        tensor.data = memory.baseAddress
        tensor.device.device_type = 1
        tensor.ndim = 1
        tensor.dtype = trimtab_dtype(code: 2, bits: 32, lanes: 1)
        tensor.shape = shape.baseAddress
        return try body(&tensor)
      }
    }
  }

  @Test func oneTensor() {
    var summary = trimtab_summary()
    #expect(withTensor([1, -2, .nan]) { trimtab_summarize(&$0, &summary) } == 0)
    #expect(summary.count == 3 && summary.nan_count == 1 && summary.l1_norm == 3 && summary.first_nonfinite_index == 2)
    #expect(trimtab_summarize(nil, &summary) == 10)
    #expect(withTensor([1]) { trimtab_summarize(&$0, nil) } == 10)
    #expect(summary.count == 3)
  }

  @Test func manyTensorsAreWrittenTogetherOrNotAtAll() {
    withTensor([1, 2]) { first in
      var tensors = [first, first, first]
      var summaries = [trimtab_summary](repeating: trimtab_summary(), count: 3)
      #expect(trimtab_summarize_all(&tensors, 3, &summaries) == 0)
      #expect(summaries.allSatisfy { $0.count == 2 && $0.l1_norm == 3 })
      tensors[2].device.device_type = 2
      summaries = [trimtab_summary](repeating: trimtab_summary(), count: 3)
      #expect(trimtab_summarize_all(&tensors, 3, &summaries) == 14)
      #expect(String(cString: trimtab_last_error()).hasPrefix("tensors[2]"))
      #expect(summaries.allSatisfy { $0.count == 0 })
      #expect(trimtab_summarize_all(nil, 0, nil) == 0)
      #expect(trimtab_summarize_all(&tensors, -1, &summaries) == 11)
      #expect(trimtab_summarize_all(nil, 1, &summaries) == 10)
      #expect(trimtab_summarize_all(&tensors, 1, nil) == 10)
    }
  }

  @Test func mergingThroughTheBoundary() {
    var total = trimtab_summary()
    var part = trimtab_summary()
    #expect(trimtab_summary_identity(&total) == 0)
    #expect(total.first_nonfinite_index == -1 && total.minimum == .infinity)
    #expect(withTensor([3, -4]) { trimtab_summarize(&$0, &part) } == 0)
    #expect(trimtab_summary_merge(&total, &part) == 0)
    #expect(trimtab_summary_merge(&total, &part) == 0)
    #expect(total.count == 4 && total.l1_norm == 14 && total.scaled_square_sum == 50)
    part.count = -5
    #expect(trimtab_summary_merge(&total, &part) == 11)
    #expect(String(cString: trimtab_last_error()).hasPrefix("other: "))
    #expect(total.count == 4)
    #expect(trimtab_summary_merge(nil, &part) == 10 && trimtab_summary_merge(&total, nil) == 10)
    #expect(trimtab_summary_identity(nil) == 10)
  }
}
