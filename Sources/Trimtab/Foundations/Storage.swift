internal import CPlatform

/// Zeroed, 64-byte aligned memory for `count` elements that fails by throwing.
///
/// Swift's own arrays end the process when memory cannot be had; whatever takes its size from a caller's shape lives
/// here instead.
public final class Storage<Element: BitwiseCopyable> {
  public let pointer: UnsafeMutablePointer<Element>
  public let count: Int

  /// - Parameters:
  ///   - count: elements, all bits zero; at least 0.
  ///   - name: what the memory is for, as the error says it.
  /// - Throws: `outOfMemory` if the product of sizes overflows or the memory cannot be had.
  public init(count: Int, for name: StaticText) throws(TrimtabError) {
    let memory = try allocated(count, of: MemoryLayout<Element>.stride, for: name)
    self.pointer = memory.bindMemory(to: Element.self, capacity: count)
    self.count = count
  }

  deinit { trimtab_platform_free(UnsafeMutableRawPointer(pointer)) }

  /// The elements as a span, valid while this object lives.
  public var buffer: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: pointer, count: count) }
}

extension Storage: @unchecked Sendable where Element: Sendable {}

/// What `Storage` does for elements of every type alike.
@inline(never)
private func allocated(_ count: Int, of stride: Int, for name: StaticText) throws(TrimtabError)
  -> UnsafeMutableRawPointer
{
  let (bytes, overflow) = max(count, 0).multipliedReportingOverflow(by: stride)
  guard !overflow, count >= 0, let memory = trimtab_platform_allocate(UInt64(bytes)) else {
    throw TrimtabError(.outOfMemory, "%: found % elements, more memory than can be had", name, count)
  }
  return memory
}
