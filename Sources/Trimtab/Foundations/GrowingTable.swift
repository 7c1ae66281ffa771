/// A list of plain records that grows by doubling and fails by throwing.
public final class GrowingTable<Element: BitwiseCopyable> {
  private var storage: Storage<Element>?
  public private(set) var count = 0
  private let name: StaticText

  public init(for name: StaticText) { self.name = name }

  public func append(_ element: Element) throws(TrimtabError) {
    if count >= (storage?.count ?? 0) {
      let larger = try Storage<Element>(count: max(16, count &* 2), for: name)
      if let storage { larger.pointer.update(from: storage.pointer, count: count) }
      storage = larger
    }
    storage?.pointer[count] = element
    count = count &+ 1
  }

  /// The record at an index; nil outside.
  public func at(_ index: Int) -> UnsafeMutablePointer<Element>? {
    guard let storage, index >= 0, index < count else { return nil }
    return storage.pointer + index
  }

  public func removeAll() { count = 0 }

  /// Forgets the records from an index on.
  func truncate(to kept: Int) { count = min(count, max(kept, 0)) }
}
