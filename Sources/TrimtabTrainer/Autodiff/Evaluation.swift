internal import Trimtab

extension Tape {
  /// Sums are added up in float64, in memory that is taken when the tape is recorded.
  func reserveScratch(_ node: Node) throws(TrimtabError) {
    guard node.operation == .sum, node.count > (wideScratch?.count ?? 0) else { return }
    wideScratch = try Storage(count: node.count, for: "tape")
  }

  func evaluate(_ node: Node) {
    if precision == .float32 {
      evaluate(node, FloatLanes.self)
    } else {
      evaluate(node, DoubleLanes.self)
    }
  }

  private func evaluate<L: ElementLanes>(_ node: Node, _ lanes: L.Type) {
    let a = operand(node.a, lanes)
    let b = operand(node.b, lanes)
    let out = node.memory.assumingMemoryBound(to: L.Element.self)
    switch node.operation {
    case .leaf, .reshape: break
    case .apply:
      applyFunction(node.function, nil, a.memory, out, node.count, lanes)
    case .chain:
      applyFunction(node.function, a.memory, b.memory, out, node.count, lanes)
    case .add, .subtract, .multiply, .divide:
      let sweep = Sweep(
        node.shape, a.shape.strides(in: node.shape), b.shape.strides(in: node.shape), node.shape.strides(in: node.shape)
      )
      sweep.forEachRun { x, y, z in
        combineRun(
          node.operation, a.memory + x, sweep.steps.a, b.memory + y, sweep.steps.b, out + z, sweep.length, lanes)
      }
    case .sum:
      if let sums = wideScratch?.pointer {
        let sweep = Sweep(a.shape, a.shape.strides(in: a.shape), node.shape.strides(in: a.shape), Extents())
        sums.update(repeating: 0, count: node.count)
        sweep.forEachRun { x, y, _ in sumRun(a.memory + x, sums + y, sweep.steps.b, sweep.length, lanes) }
        for index in 0..<node.count { out[index] = L.narrow(sums[index]) }
      }
    case .product, .affine: evaluateProduct(node, a.shape, b.shape)
    case .gather: gatherBlocks(tables[node.table], a.memory, out)
    case .scatter: scatterBlocks(tables[node.table], a.memory, out, lanes)
    case .greatest: chooseGreatest(tables[node.table], tables[node.table &+ 1], a.memory, out, lanes)
    case .sparse:
      multiplySparse(matrices[node.table], node.transposesA, a.memory, out, node.shape[-1], node.count, lanes)
    case .softmax, .logSoftmax:
      let width = max(node.shape[-1], 1)
      for row in 0..<(node.count / width) {
        softmaxRow(a.memory + row &* width, out + row &* width, width, node.operation == .logSoftmax, lanes)
      }
    }
  }

  private func operand<L: ElementLanes>(
    _ index: Int, _ lanes: L.Type
  ) -> (memory: UnsafeMutablePointer<L.Element>, shape: Shape) {
    if let node = nodes.at(index)?.pointee {
      return (node.memory.assumingMemoryBound(to: L.Element.self), node.shape)
    }
    return (UnsafeMutableRawPointer(scratch.pointer).assumingMemoryBound(to: L.Element.self), Shape())
  }

  private func evaluateProduct(_ node: Node, _ a: Shape, _ b: Shape) {
    guard let left = nodes.at(node.a)?.pointee.memory, let right = nodes.at(node.b)?.pointee.memory else { return }
    let (rows, columns) = (node.shape[-2], node.shape[-1])
    let depth = a[node.transposesA ? -2 : -1]
    let (aRow, aColumn) = node.transposesA ? (1, a[-1]) : (a[-1], 1)
    let (bRow, bColumn) = node.transposesB ? (1, b[-1]) : (b[-1], 1)
    let isAffine = node.operation == .affine
    if isAffine, let row = nodes.at(node.c)?.pointee.memory {
      for index in 0..<rows {
        (node.memory + index &* columns &* precision.byteCount).copyMemory(
          from: row, byteCount: columns &* precision.byteCount)
      }
    }
    let scratch = UnsafeMutableRawPointer(scratch.pointer)
    for part in 0..<(node.count / max(rows &* columns, 1)) {
      let (x, y, z) = (part &* rows &* depth, part &* columns &* depth, part &* rows &* columns)
      if precision == .float32 {
        kernels.multiplyFloats(
          left.assumingMemoryBound(to: Float.self) + x, aRow, aColumn, right.assumingMemoryBound(to: Float.self) + y,
          bRow, bColumn, rows, columns, depth, isAffine, node.memory.assumingMemoryBound(to: Float.self) + z, columns,
          scratch)
      } else {
        kernels.multiplyDoubles(
          left.assumingMemoryBound(to: Double.self) + x, aRow, aColumn, right.assumingMemoryBound(to: Double.self) + y,
          bRow, bColumn, rows, columns, depth, isAffine, node.memory.assumingMemoryBound(to: Double.self) + z, columns,
          scratch)
      }
    }
  }
}
