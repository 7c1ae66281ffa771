import Trimtab
import TrimtabFormats

/// A table of samples with what is to be learned of each.
struct TrainingTable {
  /// rows x columns
  private(set) var features: [Float] = []
  private(set) var columns = 0
  /// Numbers, or the places of classes.
  private(set) var targets: [Double] = []
  /// What the classes are called, in the order of their places; empty where a number is learned.
  private(set) var classes: [String] = []
  private(set) var notes: [String] = []
  private(set) var targetName = ""

  var rows: Int { targets.count }

  /// - Parameters:
  ///   - target: a column's name, its number from 1, or a file of one number a row
  ///   - wantsClasses: nil lets the target decide: words and up to `mostClasses` whole numbers are classes
  init(path: String, target: String, settings: Settings, wantsClasses: Bool?) throws {
    let first = try Self.only(path, settings.csv)
    guard first.shape.count == 2 else {
      throw FormatError(path, tensor: first.name, "found rank \(first.shape.count), allowed 2: samples and features")
    }
    let column = Self.column(target, of: first)
    guard column != nil || TensorFile.format(ofName: target) != nil else {
      let names = first.columnNames.prefix(12).joined(separator: ", ")
      let allowed = names.isEmpty ? "a number from 1 to \(first.shape[1])" : names
      throw FormatError(path, "found no column '\(target)', allowed \(allowed), or a file of as many rows")
    }
    var csv = settings.csv
    csv.wordColumn = column
    let source = try Self.only(path, csv)
    notes = source.notes
    var numbers = try Self.numbers(source, settings)
    let width = source.shape[1]
    let cells: [String?]
    if let column {
      targetName = source.columnNames.indices.contains(column) ? source.columnNames[column] : "column \(column + 1)"
      cells = try source.cells(ofColumn: column)
      targets = stride(from: column, to: numbers.count, by: width).map { numbers[$0] }
      numbers = numbers.indices.filter { $0 % width != column }.map { numbers[$0] }
      columns = width - 1
    } else {
      targetName = target
      cells = []
      targets = try Self.numbers(try Self.only(target, settings.csv), settings)
      columns = width
    }
    guard columns > 0 else { throw FormatError(path, "found no column beside the target, allowed 1 or more") }
    guard targets.count * columns == numbers.count else {
      throw FormatError(path, "found \(numbers.count / columns) rows and \(targets.count) targets, allowed as many")
    }
    try decide(path, cells, wantsClasses)
    keepWhole(numbers)
    guard rows >= 2 else { throw FormatError(path, "found \(rows) samples without a gap, allowed 2 or more") }
  }

  /// From 0; a name goes before a number.
  private static func column(_ target: String, of source: TensorSource) -> Int? {
    if let place = source.columnNames.firstIndex(of: target) { return place }
    guard let number = Int(target), number >= 1, number <= source.shape[1] else { return nil }
    return number - 1
  }

  private static func only(_ path: String, _ csv: CSVOptions) throws -> TensorSource {
    let file = try TensorFile(path: path, csv: csv)
    guard let source = file.tensors.first, file.tensors.count == 1 else {
      throw FormatError(path, "found \(file.tensors.count) arrays, allowed one")
    }
    return source
  }

  private static func numbers(_ source: TensorSource, _ settings: Settings) throws -> [Double] {
    try source.withView(memoryLimit: settings.memoryLimit(source)) { view in
      [Double](unsafeUninitializedCapacity: view.count) { buffer, count in
        if let base = buffer.baseAddress { view.copy(from: 0, count: view.count, to: base) }
        count = view.count
      }
    }
  }

  /// Whether classes or numbers are learned.
  private mutating func decide(_ path: String, _ cells: [String?], _ wantsClasses: Bool?) throws {
    let words = cells.contains { cell in cell.map { !TensorSource.isNumber($0) } ?? false }
    if words {
      guard wantsClasses != false else {
        throw FormatError(path, "found words in \(targetName), allowed numbers for this loss")
      }
      classes = Set(cells.compactMap { $0 }).sorted()
      let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Double($0)) })
      targets = cells.map { $0.flatMap { places[$0] } ?? .nan }
    } else {
      let known = Set(targets.filter { !$0.isNaN })
      let isWhole = known.allSatisfy { $0 == $0.rounded() && abs($0) < 1e15 }
      let few = isWhole && known.count <= 32 && known.count * 2 <= targets.count
      if wantsClasses == true, !isWhole {
        throw FormatError(path, "found fractions in \(targetName), allowed whole numbers or words for this loss")
      }
      guard wantsClasses ?? few else { return }
      let order = known.sorted()
      classes = order.map { figure($0) }
      let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, Double($0)) })
      targets = targets.map { places[$0] ?? .nan }
    }
    guard classes.count >= 2, classes.count <= 4096 else {
      throw FormatError(path, "found \(classes.count) classes in \(targetName), allowed 2 to 4096")
    }
  }

  /// Rows without NaN and Inf.
  private mutating func keepWhole(_ numbers: [Double]) {
    let all = targets
    targets = []
    features.reserveCapacity(numbers.count)
    for row in all.indices {
      let cells = numbers[(row * columns)..<((row + 1) * columns)]
      // What float32 does not hold is a gap too.
      guard all[row].isFinite, cells.allSatisfy({ Float($0).isFinite }) else { continue }
      features += cells.map { Float($0) }
      targets.append(all[row])
    }
    if targets.count < all.count {
      notes.append("\(counted(all.count - targets.count, "row")) with NaN, Inf or a gap left out")
    }
  }
}
