namespace PatchKernel.Models;

/// <summary>A family of models: what its config means, what its tensors are called, what it is put together from, and how PyTorch prints it.</summary>
/// <remarks>A family's file adds it to <see cref="FamilyTable"/>: a new one is one file.</remarks>
internal abstract class Family
{
    /// <summary>Llama: the family of a config that names none.</summary>
    public static Family Llama => FamilyTable.ByModelType("llama")!;

    /// <summary>What config.json calls it.</summary>
    public abstract string ModelType { get; }

    /// <summary>What GGUF files call it (general.architecture); null where they have no name of its own.</summary>
    public virtual string? Architecture => ModelType;

    /// <summary>What stands before the names of transformers' classes.</summary>
    public abstract string ClassName { get; }

    /// <summary>Its tensors on the hub.</summary>
    public virtual TensorLayout Hub => TensorLayout.Llama;

    /// <summary>Its tensors in a GGUF file.</summary>
    public virtual TensorLayout Gguf => TensorLayout.Gguf;

    /// <summary>The matrices whose biases every layer has in a GGUF file; others have theirs where the file has them.</summary>
    public virtual Matrices GgufBiases => Matrices.None;

    /// <summary>Keys of its config beside the common ones that would change the computation, and the values at which they don't.</summary>
    public virtual IReadOnlyDictionary<string, object[]> AcceptedAt { get; } = new Dictionary<string, object[]>();

    /// <summary>Keys of its config beside the common ones that don't change what a forward pass computes.</summary>
    public virtual IReadOnlyList<string> Inert => [];

    /// <summary>Whether a tensor that lies beside the weights is none, but a mask or another constant.</summary>
    public virtual bool IsBuffer(string key) => false;

    /// <summary>Reads a config.json.</summary>
    public abstract ModelConfig Read(ConfigSection section, List<string> warnings);

    /// <summary>Completes what all families' GGUF files say with what this one's do.</summary>
    /// <param name="common">Shape, parts, rotary embedding and biases, as every file has them.</param>
    /// <param name="section">The architecture's keys.</param>
    public virtual ModelConfig Complete(ModelConfig common, GgufSection section) => common;

    /// <summary>The tree as PyTorch prints it.</summary>
    public abstract ModelNode Tree(TreeNodes nodes);

    /// <summary>The parts that don't depend on a file's other keys.</summary>
    public virtual PartList PartsOf(ModelConfig shape) => PartList.Llama;
}
