public import Trimtab

// What can be recorded. Shapes broadcast as NumPy's do; errors, which `check` throws, name the operation.
extension Tape {
  public func add(_ a: Value, _ b: Value) -> Value { binary(.add, a, b) }
  public func subtract(_ a: Value, _ b: Value) -> Value { binary(.subtract, a, b) }
  public func multiply(_ a: Value, _ b: Value) -> Value { binary(.multiply, a, b) }
  public func divide(_ a: Value, _ b: Value) -> Value { binary(.divide, a, b) }

  @inline(never)
  func binary(_ operation: Operation, _ a: Value, _ b: Value) -> Value {
    guard let left = node(a), let right = node(b) else { return .none }
    guard let shape = left.pointee.shape.broadcast(with: right.pointee.shape) else {
      return fail(
        TrimtabError(
          .shape, "values: found last extents % and % that do not broadcast", left.pointee.shape[-1],
          right.pointee.shape[-1]))
    }
    return record(operation, a, b, shape: shape)
  }

  @inline(never)
  public func apply(_ function: ElementFunction, _ a: Value) -> Value { apply(function, .none, a) }

  /// function(b), or a · function(b), of the shape of b.
  @inline(never)
  func apply(_ function: ElementFunction, _ a: Value, _ b: Value) -> Value {
    guard let node = node(b) else { return .none }
    guard function.order <= ElementFunction.greatestOrder else {
      return fail(
        TrimtabError(
          .invalidArgument, "function: found its derivative of order %, allowed 0 to %", Int(function.order),
          Int(ElementFunction.greatestOrder)))
    }
    let shape = node.pointee.shape
    return a.isNone
      ? record(.apply, b, shape: shape, function: function) : record(.chain, a, b, shape: shape, function: function)
  }

  public func square(_ a: Value) -> Value { apply(ElementFunction(.power, a: 2), a) }

  /// factor · a + offset
  @inline(never)
  public func scale(_ a: Value, by factor: Double, plus offset: Double = 0) -> Value {
    apply(ElementFunction(.linear, a: factor, b: offset), a)
  }

  /// The sum over axes, which stay with extent 1.
  @inline(never)
  public func sum(_ a: Value, over axes: UInt32) -> Value {
    var shape = shape(of: a)
    for axis in 0..<shape.rank where axes & (1 << UInt32(axis)) != 0 { shape = shape.replacing(axis, with: 1) }
    return sum(a, to: shape)
  }

  /// The sum over all axes along which `shape`, of the same rank or less, is shorter.
  @inline(never)
  func sum(_ a: Value, to shape: Shape) -> Value {
    guard let node = node(a) else { return .none }
    let source = node.pointee.shape
    if source == shape { return a }
    guard source.broadcast(with: shape) == source else {
      return fail(TrimtabError(.shape, "sum: found rank %, which does not reduce to rank %", source.rank, shape.rank))
    }
    return record(.sum, a, shape: shape)
  }

  public func sum(_ a: Value) -> Value { sum(a, to: Shape()) }

  @inline(never)
  public func mean(_ a: Value) -> Value { mean(a, sum(a)) }

  /// The mean over axes, which stay with extent 1.
  @inline(never)
  public func mean(_ a: Value, over axes: UInt32) -> Value { mean(a, sum(a, over: axes)) }

  private func mean(_ a: Value, _ total: Value) -> Value {
    scale(total, by: Double(shape(of: total).count) / Double(max(shape(of: a).count, 1)))
  }

  /// Repeated along the axes where it has extent 1.
  @inline(never)
  func expand(_ a: Value, to shape: Shape) -> Value {
    guard let node = node(a) else { return .none }
    let source = node.pointee.shape
    if source == shape { return a }
    guard source.broadcast(with: shape) == shape else {
      return fail(
        TrimtabError(.shape, "expand: found rank %, which does not broadcast to rank %", source.rank, shape.rank))
    }
    return record(.multiply, a, constant(1), shape: shape)
  }

  /// The same numbers under another shape of as many elements.
  @inline(never)
  public func reshape(_ a: Value, _ shape: Shape) -> Value {
    guard let node = node(a) else { return .none }
    if node.pointee.shape == shape { return a }
    guard shape.count == node.pointee.count else {
      return fail(TrimtabError(.shape, "shape: found % elements, allowed %", shape.count, node.pointee.count))
    }
    return alias(.reshape, a, shape, at: node.pointee.memory)
  }

  /// op(a) op(b) of two matrices, or of as many pairs of matrices.
  @inline(never)
  public func product(_ a: Value, _ b: Value, transposingA: Bool = false, transposingB: Bool = false) -> Value {
    guard node(a) != nil, node(b) != nil else { return .none }
    let (left, right) = (shape(of: a), shape(of: b))
    guard left.rank == right.rank, left.rank == 2 || left.rank == 3, left.rank == 2 || left[0] == right[0] else {
      return fail(
        TrimtabError(.shape, "product: found ranks % and %, allowed both 2, or both 3", left.rank, right.rank))
    }
    let (inner, other) = (left[transposingA ? -2 : -1], right[transposingB ? -1 : -2])
    guard inner == other else {
      return fail(TrimtabError(.shape, "product: found inner extents % and %, allowed equal ones", inner, other))
    }
    let shape = left.replacing(-2, with: left[transposingA ? -1 : -2])
      .replacing(-1, with: right[transposingB ? -2 : -1])
    return record(.product, a, b, shape: shape, transposesA: transposingA, transposesB: transposingB)
  }

  /// a b + c, a and b matrices and c a row.
  @inline(never)
  public func affine(_ a: Value, _ b: Value, _ c: Value) -> Value {
    guard node(a) != nil, node(b) != nil, node(c) != nil else { return .none }
    let (left, right, row) = (shape(of: a), shape(of: b), shape(of: c))
    guard left.rank == 2, right.rank == 2, left[1] == right[0], row.count == right[1] else {
      return fail(
        TrimtabError(
          .shape, "affine: found % columns, % x % weights and % offsets", left[-1], right[0], right[1], row.count))
    }
    return record(.affine, a, b, c, shape: left.replacing(1, with: right[1]))
  }

  /// Blocks of `a` at the places of a table, 0 at places below 0; the result has `shape`.
  @inline(never)
  public func gather(_ a: Value, _ table: PlaceTable, shape: Shape) -> Value {
    fits(table, whole: self.shape(of: a).count, parts: shape.count)
      ? record(.gather, a, shape: shape, table: keep(table)) : .none
  }

  /// The adjoint of `gather`.
  @inline(never)
  public func scatter(_ a: Value, _ table: PlaceTable, shape: Shape) -> Value {
    fits(table, whole: shape.count, parts: self.shape(of: a).count)
      ? record(.scatter, a, shape: shape, table: keep(table)) : .none
  }

  /// Each element the greatest of `window` elements of `a`, whose places stand in `windows` one after the other.
  public func greatest(_ a: Value, _ windows: PlaceTable, window: Int, shape: Shape) throws(TrimtabError) -> Value {
    guard window > 0, windows.length == 1 else {
      throw TrimtabError(.invalidArgument, "windows: found blocks of %, allowed 1", windows.length)
    }
    guard fits(windows, whole: self.shape(of: a).count, parts: shape.count &* window) else { return .none }
    let chosen = try PlaceTable(
      count: windows.places.count / window &* windows.groups, length: 1, groups: 1,
      extent: windows.extent &* windows.groups)
    // The table of windows follows the one of the choice.
    let place = keep(chosen)
    _ = keep(windows)
    return record(.greatest, a, shape: shape, table: place)
  }

  private func fits(_ table: PlaceTable, whole: Int, parts: Int) -> Bool {
    let sizes = (table.groups &* table.extent &* table.length, table.groups &* table.places.count &* table.length)
    if sizes.0 == whole, sizes.1 == parts { return true }
    _ = fail(
      TrimtabError(
        .shape, "places: found a table from % to % elements, allowed from % to %", sizes.0, sizes.1, whole, parts))
    return false
  }

  /// S a, or S^T a, for a matrix a.
  public func sparseProduct(_ matrix: SparseMatrix, _ a: Value, transposing: Bool = false) -> Value {
    let source = shape(of: a)
    let (rows, columns) = transposing ? (matrix.columns, matrix.rows) : (matrix.rows, matrix.columns)
    guard source.rank == 2, source[0] == columns else {
      return fail(TrimtabError(.shape, "sparse product: found % rows, allowed %", source[0], columns))
    }
    return record(
      .sparse, a, shape: source.replacing(0, with: rows), transposesA: transposing, table: keep(matrix))
  }

  /// Over the last axis.
  public func softmax(_ a: Value) -> Value { rowwise(.softmax, a) }
  /// Over the last axis.
  public func logSoftmax(_ a: Value) -> Value { rowwise(.logSoftmax, a) }

  @inline(never)
  private func rowwise(_ operation: Operation, _ a: Value) -> Value {
    guard let node = node(a) else { return .none }
    return record(operation, a, shape: node.pointee.shape)
  }
}

// Made of the operations above.
extension Tape {
  /// ln sum exp over the last axis, which stays with extent 1; without overflow.
  public func logSumExp(_ a: Value) -> Value {
    // Every element of a row differs from its logarithmic softmax by the same number.
    let rank = shape(of: a).rank
    return mean(subtract(a, logSoftmax(a)), over: rank == 0 ? 0 : 1 << UInt32(rank &- 1))
  }

  /// The matrix, or every one of a stack of matrices, with rows and columns exchanged.
  ///
  /// - Throws: `outOfMemory`, `overflow`
  public func transpose(_ a: Value) throws(TrimtabError) -> Value {
    let source = shape(of: a)
    guard source.rank >= 2 else {
      return fail(TrimtabError(.shape, "transpose: found rank %, allowed 2 or more", source.rank))
    }
    let (rows, columns) = (source[-2], source[-1])
    let size = rows &* columns
    let table = try PlaceTable(count: size, length: 1, groups: source.count / max(size, 1), extent: size)
    for place in 0..<size { table[place] = place % rows &* columns &+ place / rows }
    return gather(a, table, shape: source.replacing(-2, with: columns).replacing(-1, with: rows))
  }

  /// Arrays one after the other along an axis on which alone their extents differ.
  ///
  /// - Throws: `outOfMemory`, `overflow`
  public func concatenate(_ parts: [Value], axis: Int) throws(TrimtabError) -> Value {
    guard let first = parts.first, axis >= 0, axis < shape(of: first).rank else {
      return fail(
        TrimtabError(.shape, "concatenate: found % parts and axis %, allowed an axis of the first", parts.count, axis))
    }
    var whole = shape(of: first).replacing(axis, with: 0)
    for part in parts {
      let shape = shape(of: part)
      guard shape.replacing(axis, with: 0) == whole.replacing(axis, with: 0) else {
        return fail(TrimtabError(.shape, "concatenate: found parts that differ on another axis than %", axis))
      }
      whole = whole.replacing(axis, with: whole[axis] &+ shape[axis])
    }
    var inner = 1
    for place in (axis &+ 1)..<max(whole.rank, axis &+ 1) { inner = inner &* whole[place] }
    var total = Value.none
    var start = 0
    for part in parts {
      let extent = shape(of: part)[axis]
      let groups = whole.count / max(whole[axis] &* inner, 1)
      let table = try PlaceTable(count: extent, length: inner, groups: groups, extent: whole[axis])
      for place in 0..<extent { table[place] = start &+ place }
      let placed = scatter(part, table, shape: whole)
      total = total.isNone ? placed : add(total, placed)
      start = start &+ extent
    }
    return total
  }
}
