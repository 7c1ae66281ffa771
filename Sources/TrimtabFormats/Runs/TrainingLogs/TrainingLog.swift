public import Trimtab

/// A training log of any program, recognised by its content.
///
/// Tables (commas, semicolons, tabs, bars or spaces, plain or gzip), JSON (lines, a list, `trainer_state.json`),
/// TensorBoard's event files and plain text. Trimtab's own run logs are `RunFile`'s.
///
/// - Since: 0.5
public struct TrainingLog: Sendable {
  public enum Format: String, Sendable, CaseIterable {
    /// A table under a header.
    case csv
    /// Objects, one a line or in a list.
    case jsonLines = "jsonl"
    /// Hugging Face's `trainer_state.json`.
    case trainerState = "trainer_state"
    /// A table as Lightning's `CSVLogger` writes it: what was not logged at a step is an empty cell.
    case lightning
    /// TensorBoard's event files.
    case tensorBoard = "tensorboard"
    /// What a program printed.
    case text
  }

  public let path: String
  public let format: Format
  public let byteCount: Int
  /// What each quantity is called in the log: the quantity's key (step, loss, validation_loss, gradient_norm,
  /// learning_rate, loss_scale) and the name of its column.
  public let columns: [(quantity: String, name: String)]
  /// Columns that are not read, the first 256 of them.
  public let unusedColumns: [String]
  public let unusedColumnCount: Int
  /// Columns of what rises as a run gets better, such as an accuracy: none of them is read as a loss.
  public let risingColumns: [String]
  /// Whether the log numbers its steps; where it does not, its rows are counted from 0.
  public let hasSteps: Bool
  /// Choices made, for people: "cells are separated by semicolons".
  public let notes: [String]

  private let file: InputFile
  private let content: LogContent
  private let isCompressed: Bool
  private let markCount: Int

  /// Whether a file is a training log: false for data tables, tensor files, our own run logs, and what cannot be read.
  ///
  /// It reads the front of the file only. A table is one where its header names a loss beside a step, an epoch or
  /// another quantity of a run, or a step or an epoch beside such a quantity. A column called as `loss` says makes
  /// any a log.
  public static func recognise(path: String, loss: String? = nil) -> Bool {
    guard let file = try? InputFile(path: path), file.byteCount > 0, let front = try? LogFront(file) else {
      return false
    }
    return LogContent(front, loss: loss) != nil
  }

  /// Opens a log and reads its front, which settles what its columns are.
  ///
  /// - Parameter loss: the name of the column that is read as the loss; nil: the likeliest.
  /// - Throws: `FormatError` where it cannot be opened, is empty, is no training log, or has no column of that name.
  public init(path: String, loss: String? = nil) throws(FormatError) {
    file = try InputFile(path: path)
    guard file.byteCount > 0 else { throw FormatError(path, "is empty") }
    let (front, found) = try LogContent.find(file, loss: loss)
    guard let content = found else {
      throw FormatError(path, "found no loss beside a step or another quantity of a run: no training log")
    }
    let description = content.description
    if let loss, !description.reads(loss) {
      let names = description.columns.filter { $0.quantity != LoggedQuantity.step.key }.map(\.name) + description.unused
      let shown = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? " …" : "")
      throw FormatError(path, "the loss: found no column \(quoted(loss)), allowed \(shown)")
    }
    self.path = path
    self.content = content
    byteCount = file.byteCount
    isCompressed = front.isCompressed
    markCount = front.markCount
    format = description.format
    columns = description.columns
    unusedColumns = description.unused
    unusedColumnCount = description.unusedCount
    risingColumns = description.rising
    hasSteps = description.way != .rows
    notes = description.notes
  }

  /// Hands out the rows from front to back, once, in memory that does not grow with the log.
  ///
  /// What cannot be read is counted in the answer and passed over.
  ///
  /// - Parameters:
  ///   - progress: told now and then how many of how many bytes of the file are read.
  ///   - body: gets each row; what it throws ends the reading and is thrown on.
  /// - Throws: what `body` throws, and `FormatError` where the file can no longer be read at all.
  /// - Complexity: O(bytes); about 0.1 µs a row of a table.
  public func forEachRow(
    progress: (Int, Int) -> Void = { _, _ in }, _ body: (LogRow) throws -> Void
  ) throws -> LogReading {
    let front = (isCompressed: isCompressed, markCount: markCount)
    switch content {
    case .table(let table): return try table.forEachRow(file, front, progress: progress, body)
    case .json(let json): return try json.forEachRow(file, front, progress: progress, body)
    case .text(let text): return try text.forEachRow(file, front, progress: progress, body)
    case .events(let events): return try events.forEachRow(file, progress: progress, body)
    }
  }
}
