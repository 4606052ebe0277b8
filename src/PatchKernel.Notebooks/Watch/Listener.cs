using System.Net;
using System.Text;
using System.Threading.Channels;

namespace PatchKernel.Notebooks;

/// <summary>One open page: gets messages in order, at its own pace.</summary>
internal sealed class Listener : IDisposable
{
    private readonly HttpListenerResponse response;
    private readonly Channel<string> messages = Channel.CreateUnbounded<string>();

    public Listener(HttpListenerResponse response)
    {
        this.response = response;
        _ = Task.Run(SendAllAsync);
    }

    /// <summary>Whether the page has been closed.</summary>
    public bool IsGone => messages.Reader.Completion.IsCompleted;

    /// <summary>Sends a message of one line.</summary>
    public void Send(string message) => messages.Writer.TryWrite(message);

    public void Dispose() => messages.Writer.TryComplete();

    private async Task SendAllAsync()
    {
        try
        {
            await foreach (var message in messages.Reader.ReadAllAsync())
            {
                await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($"data: {message}\n\n"));
                await response.OutputStream.FlushAsync();
            }
            response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            messages.Writer.TryComplete();
            while (messages.Reader.TryRead(out _)) { }
        }
    }
}
