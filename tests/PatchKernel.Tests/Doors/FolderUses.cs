using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using Mono.Cecil;
using MethodDefinition = Mono.Cecil.MethodDefinition;
using ModuleDefinition = Mono.Cecil.ModuleDefinition;
using TypeDefinition = Mono.Cecil.TypeDefinition;
using TypeReference = Mono.Cecil.TypeReference;
using TypeSpecification = Mono.Cecil.TypeSpecification;

namespace PatchKernel.Tests.Doors;

/// <summary>Which folder's code uses which other's, read from a built library: its symbols say in which file each method and each type is.</summary>
internal sealed class FolderUses : IDisposable
{
    // The files of a type, in the symbols of a type whose methods don't say it.
    private static readonly Guid TypeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    private readonly string project;
    private readonly string[] order;
    private readonly ModuleDefinition module;
    private readonly MetadataReaderProvider symbols;
    private readonly Dictionary<TypeDefinition, string> homes = [];

    /// <param name="project">The project's name, which its folder in <c>src/</c> and its library have.</param>
    /// <param name="order">Its folders; a type in several of them is at home in the first. <c>.</c> is the project's own.</param>
    public FolderUses(string project, string[] order)
    {
        (this.project, this.order) = (project, order);
        var library = Path.Combine(AppContext.BaseDirectory, $"{project}.dll");
        module = ModuleDefinition.ReadModule(library, new ReaderParameters { ReadSymbols = true });
        symbols = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(Path.ChangeExtension(library, ".pdb")));
    }

    /// <summary>Every use of a folder by another one, such as <c>Sweeps.SweepRun.Run → Models.Block</c>.</summary>
    /// <remarks>What the compiler adds to a library, such as the call of its module initialisers, is in no folder.</remarks>
    public IEnumerable<(string From, string To, string What)> All => module.GetTypes().Where(type => type.DeclaringType is not null || !type.Name.StartsWith('<'))
        .SelectMany(OfType).Where(use => use.From != use.To).Distinct();

    public void Dispose()
    {
        module.Dispose();
        symbols.Dispose();
    }

    private IEnumerable<(string From, string To, string What)> OfType(TypeDefinition type)
    {
        var home = Home(type);
        IEnumerable<TypeReference?> named = [type.BaseType, .. type.Interfaces.Select(implemented => implemented.InterfaceType), .. type.Fields.Select(field => field.FieldType)];
        foreach (var used in named.SelectMany(Own)) yield return (home, Home(used), $"{type.FullName} → {used.FullName}");
        foreach (var method in type.Methods.Where(method => method.Name != "<Clone>$")) // a record's, which the compiler writes
            foreach (var (to, used) in OfMethod(method))
                yield return (Folder(method), to, $"{type.FullName}.{method.Name} → {used}");
    }

    private IEnumerable<(string To, string Used)> OfMethod(MethodDefinition method)
    {
        IEnumerable<TypeReference> named = [method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType)];
        if (method.HasBody)
        {
            named = [.. named, .. method.Body.Variables.Select(variable => variable.VariableType)];
            foreach (var instruction in method.Body.Instructions)
            {
                switch (instruction.Operand)
                {
                    case MethodReference called:
                        if (called.DeclaringType.Scope == module && called.Resolve() is { } own) yield return (Folder(own), own.FullName);
                        IEnumerable<TypeReference> arguments = called is GenericInstanceMethod generic ? generic.GenericArguments : [];
                        named = [.. named, called.DeclaringType, .. arguments];
                        break;
                    case FieldReference field:
                        named = [.. named, field.DeclaringType, field.FieldType];
                        break;
                    case TypeReference type:
                        named = [.. named, type];
                        break;
                }
            }
        }
        foreach (var used in named.SelectMany(Own).Distinct()) yield return (Home(used), used.FullName);
    }

    /// <summary>The library's own types in a type: it, what it is made of, and its arguments.</summary>
    private static IEnumerable<TypeDefinition> Own(TypeReference? type) => type switch
    {
        TypeDefinition own => [own],
        GenericInstanceType generic => [.. Own(generic.ElementType), .. generic.GenericArguments.SelectMany(Own)],
        TypeSpecification made => Own(made.ElementType),
        _ => [],
    };

    private string Home(TypeDefinition type)
    {
        if (homes.TryGetValue(type, out var known)) return known;
        string[] folders = [.. type.Methods.Select(FolderOfPoints).Concat(Documents(type).Select(FolderOf)).OfType<string>()];
        var home = folders.Length > 0 ? folders.MinBy(folder => Array.IndexOf(order, folder))! : type.DeclaringType is { } around ? Home(around) : order[0];
        return homes[type] = home;
    }

    private string Folder(MethodDefinition method) => FolderOfPoints(method) ?? Home(method.DeclaringType);

    private string? FolderOfPoints(MethodDefinition method) =>
        method.DebugInformation.SequencePoints.Select(point => FolderOf(point.Document.Url)).FirstOrDefault(folder => folder is not null);

    private IEnumerable<string> Documents(TypeDefinition type)
    {
        var reader = symbols.GetMetadataReader();
        foreach (var handle in reader.GetCustomDebugInformation(MetadataTokens.EntityHandle(type.MetadataToken.ToInt32())))
        {
            var information = reader.GetCustomDebugInformation(handle);
            if (reader.GetGuid(information.Kind) != TypeDocuments) continue;
            var rows = reader.GetBlobReader(information.Value);
            while (rows.RemainingBytes > 0) yield return reader.GetString(reader.GetDocument(MetadataTokens.DocumentHandle(rows.ReadCompressedInteger())).Name);
        }
    }

    /// <summary>The folder of a file within the project; null where it isn't the project's, as what a generator writes.</summary>
    private string? FolderOf(string path)
    {
        var mark = $"/src/{project}/";
        path = path.Replace('\\', '/');
        var from = path.LastIndexOf(mark, StringComparison.Ordinal);
        if (from < 0) return null;
        var parts = path[(from + mark.Length)..].Split('/');
        return parts.Length == 1 ? "." : parts[0] == "obj" ? null : parts[0];
    }
}
