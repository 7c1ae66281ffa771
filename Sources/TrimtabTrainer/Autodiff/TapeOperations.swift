public import Trimtab

// What can be recorded. Shapes broadcast as NumPy's do; errors name the operation's operand.
extension Tape {
  public func add(_ a: Value, _ b: Value) throws(TrimtabError) -> Value { try binary(.add, a, b) }
  public func subtract(_ a: Value, _ b: Value) throws(TrimtabError) -> Value { try binary(.subtract, a, b) }
  public func multiply(_ a: Value, _ b: Value) throws(TrimtabError) -> Value { try binary(.multiply, a, b) }
  public func divide(_ a: Value, _ b: Value) throws(TrimtabError) -> Value { try binary(.divide, a, b) }

  private func binary(_ operation: Operation, _ a: Value, _ b: Value) throws(TrimtabError) -> Value {
    let (left, right) = (try node(a).shape, try node(b).shape)
    guard let shape = left.broadcast(with: right) else {
      throw TrimtabError(
        .shape, "values: found last extents % and % of rank % that do not broadcast", left[-1], right[-1], left.rank)
    }
    return try record(operation, a.index, b.index, shape: shape)
  }

  public func apply(_ function: ElementFunction, _ a: Value) throws(TrimtabError) -> Value {
    let shape = try node(a).shape
    guard function.order <= ElementFunction.greatestOrder else {
      throw TrimtabError(
        .invalidArgument, "function: found its derivative of order %, allowed 0 to %", Int(function.order),
        Int(ElementFunction.greatestOrder))
    }
    return try record(.apply, a.index, shape: shape) { $0.function = function }
  }

  /// a · function(b), of the same shape.
  func chain(_ function: ElementFunction, _ a: Value, _ b: Value) throws(TrimtabError) -> Value {
    guard function.order <= ElementFunction.greatestOrder else {
      throw TrimtabError(
        .invalidArgument, "function: found its derivative of order %, allowed 0 to %", Int(function.order),
        Int(ElementFunction.greatestOrder))
    }
    return try record(.chain, a.index, b.index, shape: try node(b).shape) { $0.function = function }
  }

  /// factor · a + offset
  public func scale(_ a: Value, by factor: Double, plus offset: Double = 0) throws(TrimtabError) -> Value {
    try apply(ElementFunction(.linear, a: factor, b: offset), a)
  }

  /// The sum over axes, which stay with extent 1.
  public func sum(_ a: Value, over axes: UInt32) throws(TrimtabError) -> Value {
    var shape = try node(a).shape
    for axis in 0..<shape.rank where axes & (1 << UInt32(axis)) != 0 { shape = shape.replacing(axis, with: 1) }
    return try sum(a, to: shape)
  }

  /// The sum over all axes along which `shape`, of the same rank or less, is shorter.
  func sum(_ a: Value, to shape: Shape) throws(TrimtabError) -> Value {
    let source = try node(a).shape
    if source == shape { return a }
    guard let both = source.broadcast(with: shape), both == source else {
      throw TrimtabError(.shape, "sum: found rank %, which does not reduce to rank %", source.rank, shape.rank)
    }
    return try record(.sum, a.index, shape: shape)
  }

  public func sum(_ a: Value) throws(TrimtabError) -> Value { try sum(a, to: Shape()) }

  public func mean(_ a: Value) throws(TrimtabError) -> Value {
    try scale(try sum(a), by: 1 / Double(try node(a).count))
  }

  /// The mean over axes, which stay with extent 1.
  public func mean(_ a: Value, over axes: UInt32) throws(TrimtabError) -> Value {
    let total = try sum(a, over: axes)
    return try scale(total, by: Double(try node(total).count) / Double(try node(a).count))
  }

  /// Repeated along the axes where it has extent 1.
  func expand(_ a: Value, to shape: Shape) throws(TrimtabError) -> Value {
    let source = try node(a).shape
    if source == shape { return a }
    guard let both = source.broadcast(with: shape), both == shape else {
      throw TrimtabError(.shape, "expand: found rank %, which does not broadcast to rank %", source.rank, shape.rank)
    }
    return try record(.multiply, a.index, try constant(1).index, shape: shape)
  }

  /// The same numbers under another shape of as many elements.
  public func reshape(_ a: Value, _ shape: Shape) throws(TrimtabError) -> Value {
    let source = try node(a)
    if source.shape == shape { return a }
    try shape.check("shape")
    guard shape.count == source.count else {
      throw TrimtabError(.shape, "shape: found % elements, allowed %", shape.count, source.count)
    }
    try nodes.append(Node(.reshape, a.index, shape: shape, memory: source.memory))
    return Value(nodes.count &- 1)
  }

  /// op(a) op(b) of two matrices, or of as many pairs of matrices.
  public func product(
    _ a: Value, _ b: Value, transposingA: Bool = false, transposingB: Bool = false
  ) throws(TrimtabError) -> Value {
    let (left, right) = (try node(a).shape, try node(b).shape)
    guard left.rank == right.rank, left.rank == 2 || left.rank == 3, left.rank == 2 || left[0] == right[0] else {
      throw TrimtabError(.shape, "product: found ranks % and %, allowed both 2, or both 3", left.rank, right.rank)
    }
    let inner = (left[transposingA ? -2 : -1], right[transposingB ? -1 : -2])
    guard inner.0 == inner.1 else {
      throw TrimtabError(.shape, "product: found inner extents % and %, allowed equal ones", inner.0, inner.1)
    }
    let shape = left.replacing(-2, with: left[transposingA ? -1 : -2]).replacing(
      -1, with: right[transposingB ? -2 : -1])
    return try record(.product, a.index, b.index, shape: shape) {
      $0.transposesA = transposingA
      $0.transposesB = transposingB
    }
  }

  /// a b + c, a and b matrices and c a row.
  public func affine(_ a: Value, _ b: Value, _ c: Value) throws(TrimtabError) -> Value {
    let (left, right, row) = (try node(a).shape, try node(b).shape, try node(c).shape)
    guard left.rank == 2, right.rank == 2, left[1] == right[0], row.count == right[1] else {
      throw TrimtabError(
        .shape, "affine: found % columns, % x % weights and % offsets", left[-1], right[0], right[1], row.count)
    }
    return try record(.affine, a.index, b.index, c.index, shape: Shape(left[0], right[1]))
  }

  /// Blocks of `a` at the places of a table, 0 at places below 0; the result has `shape`.
  public func gather(_ a: Value, _ table: PlaceTable, shape: Shape) throws(TrimtabError) -> Value {
    try check(table, whole: try node(a).count, parts: shape.count)
    return try record(.gather, a.index, shape: shape) { $0.table = self.keep(table) }
  }

  /// The adjoint of `gather`.
  public func scatter(_ a: Value, _ table: PlaceTable, shape: Shape) throws(TrimtabError) -> Value {
    try check(table, whole: shape.count, parts: try node(a).count)
    return try record(.scatter, a.index, shape: shape) { $0.table = self.keep(table) }
  }

  /// Each element the greatest of `window` elements of `a`, whose places stand in `windows` one after the other.
  public func greatest(_ a: Value, _ windows: PlaceTable, window: Int, shape: Shape) throws(TrimtabError) -> Value {
    try check(windows, whole: try node(a).count, parts: shape.count &* window)
    guard windows.length == 1, window > 0 else {
      throw TrimtabError(.invalidArgument, "windows: found blocks of %, allowed 1", windows.length)
    }
    let chosen = try PlaceTable(
      count: windows.places.count / window &* windows.groups, length: 1, groups: 1,
      extent: windows.extent &* windows.groups)
    // The table of windows follows the one of the choice.
    let place = keep(chosen)
    _ = keep(windows)
    return try record(.greatest, a.index, shape: shape) { $0.table = place }
  }

  private func check(_ table: PlaceTable, whole: Int, parts: Int) throws(TrimtabError) {
    let sizes = (table.groups &* table.extent &* table.length, table.groups &* table.places.count &* table.length)
    guard sizes.0 == whole, sizes.1 == parts else {
      throw TrimtabError(
        .shape, "places: found a table from % to % elements, allowed from % to %", sizes.0, sizes.1, whole, parts)
    }
  }

  /// S a, or S^T a, for a matrix a.
  public func sparseProduct(
    _ matrix: SparseMatrix, _ a: Value, transposing: Bool = false
  ) throws(TrimtabError) -> Value {
    let source = try node(a).shape
    let (rows, columns) = transposing ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
    guard source.rank == 2, source[0] == columns else {
      throw TrimtabError(.shape, "sparse product: found % rows, allowed %", source[0], columns)
    }
    return try record(.sparse, a.index, shape: Shape(rows, source[1])) {
      $0.table = self.keep(matrix)
      $0.transposesA = transposing
    }
  }

  /// Over the last axis.
  public func softmax(_ a: Value) throws(TrimtabError) -> Value {
    try record(.softmax, a.index, shape: try node(a).shape)
  }

  /// Over the last axis.
  public func logSoftmax(_ a: Value) throws(TrimtabError) -> Value {
    try record(.logSoftmax, a.index, shape: try node(a).shape)
  }
}
