import Testing

@testable import TrimtabCommand

@Suite struct RecogniserTests {
  func kind(
    _ path: String, _ key: String = "", _ shape: [Int], floating: Bool = true, _ overrides: [String] = []
  ) -> TensorKind {
    var recogniser = Recogniser()
    for text in overrides { #expect(recogniser.overrides.add(text) == nil) }
    return recogniser.recognise(TensorTraits(path: path, key: key, shape: shape, isFloatingPoint: floating)).kind
  }

  @Test(arguments: [
    ("run/weights.safetensors", "layers.0.weight", [128, 64], true, TensorKind.weights),
    ("model.safetensors", "encoder.layer.5.attention.output.dense.weight", [384, 384], true, .weights),
    ("model.safetensors", "embeddings.position_ids", [1, 512], false, .other),
    ("model.safetensors", "head.target_embed", [10, 4], true, .weights),
    ("silero.safetensors", "lstm_cell.weight_ih", [512, 128], true, .weights),
    ("preactivations.npz", "layers.0", [1024, 128], true, .preactivations),
    ("preactivations_before.npz", "layers.0", [1024, 128], true, .preactivations),
    ("pre_acts/layer1.npy", "", [1024, 128], true, .preactivations),
    ("gradients.npz", "step_0000/layers.0.weight", [128, 64], true, .gradients),
    ("grads/step1.npz", "layers.0.weight", [128, 64], true, .gradients),
    ("dump.npz", "fc.weight.grad", [128, 64], true, .gradients),
    ("predictions.npz", "round_03", [600, 10], true, .predictions),
    ("predictions.npz", "round_03", [600], false, .labels),
    ("predictions.npz", "ids", [600], false, .ids),
    ("rounds.npz", "round_1", [600, 10], true, .predictions),
    ("pseudo_labels_01.npy", "", [600], false, .labels),
    ("wine/features_raw.csv", "", [0, 13], true, .samples),
    ("table.csv.gz", "", [0, 13], true, .samples),
    ("features_raw.npy", "", [1797, 64], false, .samples),
    ("X_train.npy", "", [100, 400], true, .samples),
    ("y_train.npy", "", [100], false, .labels),
    ("a.npy", "", [1000, 20], true, .samples),
    ("a.npy", "", [384, 384], true, .weights),
    ("a.npy", "", [384], true, .other),
    ("checkpoint.npz", "conv1.kernel", [3, 3, 1, 8], true, .weights),
    ("logProbs.npy", "", [10, 3], true, .predictions),
    ("index.csv", "", [0, 6], true, .samples),
    ("train_ids.csv", "", [0, 6], true, .samples),
    ("image_labels_onehot.csv", "", [0, 6], true, .samples),
    ("target.csv", "", [0, 6], true, .samples),
    ("target.csv", "", [0, 1], true, .other),
    ("label_noise_features.csv", "", [0, 6], true, .samples),
    ("label_noise_features.npy", "", [10, 60], true, .samples),
    ("gradient_boosting_X.csv", "", [0, 6], true, .samples),
    ("gradient_boosting_X.npy", "", [10, 60], true, .samples),
    ("grad_school_admissions.csv", "", [0, 6], true, .samples),
    ("graduate.npy", "", [300, 6], true, .samples),
    ("zeros_grad.npy", "", [4, 4], true, .gradients),
    ("gradients_epoch_3.npz", "layers.0.weight", [4, 4], true, .gradients),
    ("gradients_data.npz", "layers.0.weight", [4, 4], true, .gradients),
    ("weight_loss_study.csv", "", [0, 6], true, .samples),
    ("y_pred.csv", "", [0, 6], true, .predictions),
    ("y_float.npy", "", [1000], true, .other),
    ("position_embeddings.safetensors", "w", [300, 6], true, .weights),
    ("data/features.safetensors", "w", [300, 6], true, .weights),
    ("gradients.safetensors", "layers.0.weight", [300, 6], true, .gradients),
    ("m.safetensors", "position_ids", [300, 6], false, .other),
    ("m.safetensors", "pos_encoder.pe", [512, 1, 64], true, .structure),
    ("m.safetensors", "mel_filters", [201, 80], true, .structure),
    ("m.safetensors", "a.attn_mask", [64, 64], true, .structure),
    ("m.safetensors", "mask_token", [1, 1, 64], true, .weights),
    ("m.safetensors", "pe.weight", [512, 64], true, .weights),
    ("gradients.npz", "pe", [512, 64], true, .gradients),
  ])
  func takesEachForWhatItIs(path: String, key: String, shape: [Int], floating: Bool, expected: TensorKind) {
    #expect(kind(path, key, shape, floating: floating) == expected)
  }

  @Test func doesAsItIsTold() {
    #expect(kind("weights.npy", "", [3, 3], ["samples"]) == .samples)
    #expect(kind("a/b.npz", "k", [3, 3], ["weights", "k=gradients"]) == .gradients)
    #expect(kind("a/b.npz", "k", [3, 3], ["b.npz=samples"]) == .samples)
    #expect(kind("a/b.npz", "k", [3, 3], ["b.npz:k=predictions", "b.npz=samples"]) == .predictions)
    #expect(kind("a/b.npz", "x=y", [3, 3], ["x=y=labels"]) == .labels)
    var overrides = KindOverrides()
    #expect(overrides.add("wieghts")?.contains("found 'wieghts', allowed weights, samples") == true)
  }

  @Test func saysWhyACueWasNotFollowed() {
    let traits = TensorTraits(path: "index.csv", key: "", shape: [0, 6], rowsAreCounted: false)
    #expect(Recogniser().recognise(traits).reason == "file format; ids by file name, but no list of integers")
  }

  @Test func readsNumberedNames() {
    #expect(SeriesName(key: "step_0012/layers.0.weight") == SeriesName(key: "step12.layers.0.weight"))
    #expect(SeriesName(key: "step_0012/layers.0.weight")?.rest == "layers.0.weight")
    #expect(SeriesName(key: "round_07")?.index == 7)
    #expect(SeriesName(key: "round_07")?.unit == .round)
    for key in ["rounded_1", "round", "steps_1", "step_1a", "layers.0", "", "step_99999999999999999999"] {
      #expect(SeriesName(key: key) == nil, "\(key)")
    }
  }

  @Test func splitsWordsAndSortsNaturally() {
    #expect(FileName.words("preActivations_layer12.npz") == ["pre", "activations", "layer", "12", "npz"])
    #expect(
      ["layers.10.w", "layers.2.w", "layers.1.w"].sorted(by: naturallyPrecedes) == [
        "layers.1.w", "layers.2.w", "layers.10.w",
      ])
    #expect(FileName("a/b.c/d.csv.gz").stem == "d")
    #expect(FileName("a/b.c/d.csv.gz").parent == "b.c")
    #expect(EarlierAudit.name(of: "r/preactivations_before.npz") == "r/preactivations.npz")
    #expect(EarlierAudit.name(of: "r/preactivations.npz") == nil)
  }
}
