public import Trimtab

/// A value on a tape.
public struct Value: BitwiseCopyable, Sendable, Equatable {
  /// No value.
  public static var none: Value { Value(-1) }

  public var isNone: Bool { index < 0 }

  public let index: Int
  init(_ index: Int) { self.index = index }
}

/// What a node of a tape computes from its operands `a`, `b` and `c`.
enum Operation: UInt8, BitwiseCopyable {
  /// Filled from outside.
  case leaf
  /// The memory of `a` under another shape.
  case reshape
  /// function(a)
  case apply
  /// a · function(b): what the chain rule makes of `apply`
  case chain
  /// a + b, a - b, a · b, a / b, broadcast to the node's shape
  case add, subtract, multiply, divide
  /// The sum over the axes along which the node's shape is 1
  case sum
  /// op(a) op(b); `flags` say which are transposed
  case product
  /// a b + c, c a row
  case affine
  /// Blocks of `a` at the places of a table; 0 where the place is below 0
  case gather
  /// The adjoint: blocks of `a` added up at the places of a table
  case scatter
  /// The greatest of each window of a table, whose places go to another table
  case greatest
  /// A sparse matrix, or its transpose, times `a`
  case sparse
  /// Over the last axis
  case softmax, logSoftmax
}

struct Node: BitwiseCopyable {
  var operation: Operation
  var a = -1
  var b = -1
  var c = -1
  var shape: Shape
  var function = ElementFunction(.linear)
  var transposesA = false
  var transposesB = false
  /// The place in the list of tables or of sparse matrices.
  var table = -1
  var memory: UnsafeMutableRawPointer
  var count: Int

  init(_ operation: Operation, shape: Shape, memory: UnsafeMutableRawPointer) {
    self.operation = operation
    self.shape = shape
    self.memory = memory
    count = shape.count
  }
}

/// The type of all numbers on a tape.
public enum Precision: Int32, Sendable {
  case float32 = 0
  case float64 = 1

  public var byteCount: Int { self == .float32 ? 4 : 8 }
  public var elementType: ElementType { self == .float32 ? .float32 : .float64 }
}

/// Where `gather` finds, and `scatter` puts, its blocks: the array is `groups` equal parts, each part of the result is
/// made of blocks of `length` elements, and place p is the block that begins p · length elements into the part.
public final class PlaceTable {
  public let places: Storage<Int32>
  public let length: Int
  public let groups: Int
  /// Blocks in a part of the array.
  public let extent: Int

  /// - Throws: `outOfMemory`, `overflow` where a part has 2^31 blocks and more.
  public init(count: Int, length: Int, groups: Int, extent: Int) throws(TrimtabError) {
    guard extent < 1 << 31 else {
      throw TrimtabError(.overflow, "places: found % blocks, allowed fewer than 2^31", extent)
    }
    places = try Storage(count: count, for: "places")
    self.length = length
    self.groups = groups
    self.extent = extent
  }

  /// Reads and writes nothing outside; a place outside the array becomes -1.
  public subscript(index: Int) -> Int {
    get { index >= 0 && index < places.count ? Int(places.pointer[index]) : -1 }
    set {
      guard index >= 0, index < places.count else { return }
      places.pointer[index] = newValue >= 0 && newValue < extent ? Int32(truncatingIfNeeded: newValue) : -1
    }
  }
}

/// A fixed sparse matrix in compressed rows.
public final class SparseMatrix {
  public let rows: Int
  public let columns: Int
  let starts: Storage<Int>
  let places: Storage<Int>
  let values: Storage<Double>

  /// From triples in any order; those of one place add up.
  ///
  /// - Throws: `invalidArgument` for an index outside, `shape`, `outOfMemory`.
  public init(
    rows: Int, columns: Int, count: Int, entry: (Int) -> (row: Int, column: Int, value: Double)
  ) throws(TrimtabError) {
    guard rows > 0, columns > 0, rows < 1 << 31, columns < 1 << 31 else {
      throw TrimtabError(.shape, "matrix: found % x %, allowed 1 to 2^31 each", rows, columns)
    }
    self.rows = rows
    self.columns = columns
    starts = try Storage(count: rows &+ 1, for: "matrix")
    places = try Storage(count: count, for: "matrix")
    values = try Storage(count: count, for: "matrix")
    for index in 0..<count {
      let (row, column, value) = entry(index)
      guard value.isFinite else {
        throw TrimtabError(.invalidArgument, "matrix: found % at index %, allowed finite numbers", value, index)
      }
      guard row >= 0, row < rows, column >= 0, column < columns else {
        throw TrimtabError(
          .invalidArgument, "matrix: found the place (%, %), allowed within % x %", row, column, rows, columns)
      }
      starts.pointer[row &+ 1] = starts.pointer[row &+ 1] &+ 1
    }
    for row in 0..<rows { starts.pointer[row &+ 1] = starts.pointer[row &+ 1] &+ starts.pointer[row] }
    let next = try Storage<Int>(count: rows, for: "matrix")
    for index in 0..<count {
      let (row, column, value) = entry(index)
      let place = starts.pointer[row] &+ next.pointer[row]
      next.pointer[row] = next.pointer[row] &+ 1
      places.pointer[place] = column
      values.pointer[place] = value
    }
  }
}
