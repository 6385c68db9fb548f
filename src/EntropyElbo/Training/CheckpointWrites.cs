namespace EntropyElbo.Training;

/// <summary>
/// Writes the checkpoints of one fit. One that cannot be written (a full disk, a folder that went away) does not end hours of
/// training: the last good one stays, the next is tried in its turn, and the fit's warnings say so.
/// </summary>
internal sealed class CheckpointWrites
{
    private int _failed;
    private int _firstFailed;
    private int _saved;
    private string _reason = "";

    /// <summary>What the user should know: nothing, or one warning for all failures.</summary>
    public IEnumerable<string> Warnings => _failed == 0 ? [] :
    [
        FormattableString.Invariant($"{_failed} checkpoint{(_failed == 1 ? "" : "s")}, the first of epoch {_firstFailed}, could not be written, and training went on: {_reason} ")
            + (_saved == 0 ? "This run wrote none." : FormattableString.Invariant($"The last that this run wrote is of epoch {_saved}.")),
    ];

    /// <summary>Writes the checkpoint of an epoch.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="write">Writes it; what was there stays whole where it fails.</param>
    public void Write(int epoch, Action write)
    {
        try
        {
            write();
            _saved = epoch;
        }
        catch (ModelFileException error)
        {
            _firstFailed = _failed++ == 0 ? epoch : _firstFailed;
            _reason = error.Message;
        }
    }
}
